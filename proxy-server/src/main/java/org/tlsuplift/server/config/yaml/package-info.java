/**
 * Reads YAML with the position of each value, so that a problem can name its line.
 *
 * <p>A file enters; sections and values leave, and every problem at once in one {@link
 * org.tlsuplift.server.config.yaml.InvalidConfigException}. Called by {@code config}. Start reading
 * at {@code Section}.
 */
@NullMarked
package org.tlsuplift.server.config.yaml;

import org.jspecify.annotations.NullMarked;
