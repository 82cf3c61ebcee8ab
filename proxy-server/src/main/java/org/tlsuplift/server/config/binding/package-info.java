/**
 * Fills the records of the configuration from YAML.
 *
 * <p>A text enters; a record leaves, and all problems together, each with its line, in one {@link
 * org.tlsuplift.server.config.binding.InvalidConfigException}. Start reading at {@code Binder} and
 * {@code Key}. {@code JsonSchema} says the same as a schema. This package knows no key.
 */
@NullMarked
package org.tlsuplift.server.config.binding;

import org.jspecify.annotations.NullMarked;
