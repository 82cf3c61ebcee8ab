/**
 * Reaches an origin: resolve, dial, verify.
 *
 * <p>The input is a name and a port. The result is a connection whose origin has proven that name,
 * or an {@link org.tlsuplift.proxy.upstream.dial.OriginUnavailableException} with the reason in
 * words. {@code dial} connects, {@code verify} checks the origin's certificate, and {@code mail}
 * uses STARTTLS with mail origins. {@link org.tlsuplift.proxy.upstream.UpstreamSelfTest} proves at
 * start that no version below TLS 1.2 is accepted. Start reading at {@link
 * org.tlsuplift.proxy.upstream.UpstreamConnector}.
 */
@NullMarked
package org.tlsuplift.proxy.upstream;

import org.jspecify.annotations.NullMarked;
