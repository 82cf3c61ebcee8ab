/**
 * Reaches an origin: resolve, dial, verify.
 *
 * <p>A name and a port enter; a connection whose origin has proven that name leaves, or an {@link
 * org.tlsuplift.proxy.upstream.dial.OriginUnavailableException} with the reason in words. {@code
 * dial} connects, {@code verify} judges what the origin shows, {@code mail} speaks STARTTLS to mail
 * origins. {@link org.tlsuplift.proxy.upstream.UpstreamSelfTest} proves at start that nothing below
 * TLS 1.2 is accepted. Start reading at {@link org.tlsuplift.proxy.upstream.UpstreamConnector}.
 */
@NullMarked
package org.tlsuplift.proxy.upstream;

import org.jspecify.annotations.NullMarked;
