/**
 * What systemd gives a service: open sockets (sd_listen_fds(3)), and a socket for reports about the
 * service's state (sd_notify(3)).
 */
@NullMarked
package org.tlsuplift.server.systemd;

import org.jspecify.annotations.NullMarked;
