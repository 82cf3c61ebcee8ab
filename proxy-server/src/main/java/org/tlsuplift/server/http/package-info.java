/**
 * The admin port: pages, metrics, health and API over HTTP, on its own port.
 *
 * <p>HTTP requests enter; {@link org.tlsuplift.server.http.AdminAccessFilter} decides who may send
 * them, and the resources of {@code web} answer on threads that may block. Connections, request
 * heads and sign-ins are bounded. The daemon starts it. Start reading at {@link
 * org.tlsuplift.server.http.AdminServer}.
 */
@NullMarked
package org.tlsuplift.server.http;

import org.jspecify.annotations.NullMarked;
