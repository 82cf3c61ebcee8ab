/**
 * Reads the YAML into the records of {@link org.tlsuplift.server.config.ServerConfig}.
 *
 * <p>Start with {@link org.tlsuplift.server.config.load.ConfigLoader}: it reads the file and the
 * defaults, checks the result, collects warnings, and returns a {@link
 * org.tlsuplift.server.config.load.LoadedConfig} or all errors. Each reader handles one section.
 * Commands and the daemon call this package; no other package of the configuration does.
 */
@NullMarked
package org.tlsuplift.server.config.load;

import org.jspecify.annotations.NullMarked;
