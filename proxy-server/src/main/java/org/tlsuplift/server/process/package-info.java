/**
 * What the process needs from its machine: data directory, files and their permissions, locks,
 * limits of files and memory, and the service manager.
 *
 * <p>{@link org.tlsuplift.server.process.FileModes} and {@link
 * org.tlsuplift.server.process.OwnerOnlyFile} keep secrets from other users; {@link
 * org.tlsuplift.server.process.PemFile} and {@link org.tlsuplift.server.process.Pkcs12File} read
 * keys and certificates, and their errors never quote the content. systemd gives a service open
 * sockets (sd_listen_fds(3)) and a socket for reports about its state (sd_notify(3)). Start reading
 * at {@link org.tlsuplift.server.process.DataDirectory}.
 */
@NullMarked
package org.tlsuplift.server.process;

import org.jspecify.annotations.NullMarked;
