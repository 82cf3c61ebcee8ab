/**
 * Connects to origins: resolve, dial, verify.
 *
 * <p>The input is a name and a port. The result is a connection to an origin that was verified for
 * this name, or an {@link org.tlsuplift.proxy.upstream.dial.OriginUnavailableException} with cause
 * and remedy. {@code dial} connects, {@code verify} checks the origin's certificate, and {@code
 * mail} prepares mail origins (STARTTLS). {@link org.tlsuplift.proxy.upstream.UpstreamSelfTest}
 * checks at start-up that no version below TLS 1.2 is accepted. Start reading at {@link
 * org.tlsuplift.proxy.upstream.UpstreamConnector}.
 */
@NullMarked
package org.tlsuplift.proxy.upstream;

import org.jspecify.annotations.NullMarked;
