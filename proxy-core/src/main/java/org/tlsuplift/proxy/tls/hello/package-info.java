/**
 * Reads the first messages of TLS without being a TLS peer: the ClientHello in records and in the
 * framing of SSL 2.0 (RFC 5246 appendix E.2), the ServerHello, alerts, and the guards of a tunnel.
 *
 * <p>The input is bytes, which are passed on; the result is the offered or agreed parameters as
 * plain data. {@code accept} and {@code setup} use this package. Start reading at {@link
 * org.tlsuplift.proxy.tls.hello.ClientHelloHandler}.
 */
@NullMarked
package org.tlsuplift.proxy.tls.hello;

import org.jspecify.annotations.NullMarked;
