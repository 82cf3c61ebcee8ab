/**
 * The daemon and its command line, around the data path of {@code proxy-core}.
 *
 * <p>{@link org.tlsuplift.server.Main} is what the operating system starts. It runs a command of
 * {@code command}; {@code run} starts the daemon. Packages lie on floors, and each imports only
 * those of lower floors: {@code ArchitectureTest} has the list.
 */
@NullMarked
package org.tlsuplift.server;

import org.jspecify.annotations.NullMarked;
