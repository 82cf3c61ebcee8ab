/**
 * Reads YAML with the position of each key, so that an error can name its line.
 *
 * <p>A file enters; sections and values leave, and all errors together in one {@link
 * org.tlsuplift.server.config.yaml.InvalidConfigException}. Called by {@code config}. Start reading
 * at {@code Section}.
 */
@NullMarked
package org.tlsuplift.server.config.yaml;

import org.jspecify.annotations.NullMarked;
