/**
 * What the process needs from its machine: data directory, locks, limits of files and memory, and
 * the service manager.
 *
 * <p>systemd gives a service open sockets (sd_listen_fds(3)) and a socket for reports about its
 * state (sd_notify(3)). Start reading at {@link org.tlsuplift.server.process.DataDirectory}.
 */
@NullMarked
package org.tlsuplift.server.process;

import org.jspecify.annotations.NullMarked;
