/**
 * The admin port: health, metrics, pages and API over HTTP, on its own port.
 *
 * <p>HTTP requests enter; {@link org.tlsuplift.server.http.AdminAccessFilter} decides who may send
 * them. A {@link org.tlsuplift.server.http.Resource} gets a {@link
 * org.tlsuplift.server.http.Request} and returns a {@link org.tlsuplift.server.http.Response}, on a
 * thread that may block; {@code pages} and {@code api} implement resources. Connections, request
 * heads and sign-ins are bounded. The daemon starts it. Start reading at {@link
 * org.tlsuplift.server.http.AdminServer}.
 */
@NullMarked
package org.tlsuplift.server.http;

import org.jspecify.annotations.NullMarked;
