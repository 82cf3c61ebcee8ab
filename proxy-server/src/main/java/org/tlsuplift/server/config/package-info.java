/**
 * The configuration: read from YAML, checked as a whole, every problem told at once.
 *
 * <p>{@link org.tlsuplift.server.config.ConfigLoader} is the door; {@link
 * org.tlsuplift.server.config.ServerConfig} is what comes out. What each key means stands in {@code
 * config/tls-uplift.yaml}, which is also the built-in default.
 */
@NullMarked
package org.tlsuplift.server.config;

import org.jspecify.annotations.NullMarked;
