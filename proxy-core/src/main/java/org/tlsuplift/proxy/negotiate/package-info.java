/**
 * The steps before TLS that determine a device's target: HTTP CONNECT, a plain HTTP request, SOCKS
 * 4, 4a and 5, a PROXY header, or the address of a redirected connection.
 *
 * <p>The input is bytes; the result is an event in the pipeline, {@code Negotiated} or {@code
 * NegotiationRefused}. Each negotiator then removes itself and passes the remaining bytes on.
 * {@code accept} uses this package. Start reading at {@link
 * org.tlsuplift.proxy.negotiate.AcceptMode}.
 */
@NullMarked
package org.tlsuplift.proxy.negotiate;

import org.jspecify.annotations.NullMarked;
