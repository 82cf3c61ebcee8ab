/**
 * The steps before TLS by which a device names its target: HTTP CONNECT, a request in plain HTTP,
 * SOCKS 4, 4a and 5, a PROXY header, or the address that the kernel redirected.
 *
 * <p>Bytes enter, a {@code Negotiated} target or a {@code NegotiationRefused} leaves as an event in
 * the pipeline; each negotiator then removes itself and passes the rest on. Called by {@code
 * accept}. Start reading at {@link org.tlsuplift.proxy.negotiate.Negotiators}.
 */
@NullMarked
package org.tlsuplift.proxy.negotiate;

import org.jspecify.annotations.NullMarked;
