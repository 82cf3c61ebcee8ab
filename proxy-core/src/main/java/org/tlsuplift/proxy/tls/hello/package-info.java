/**
 * Parses the first unencrypted TLS messages: the ClientHello in TLS records and in SSL 2.0 framing
 * (RFC 5246 appendix E.2), the ServerHello, and alerts. The guards check the records in a tunnel.
 *
 * <p>The input is bytes, which are passed on; the result is the offered or agreed parameters as
 * plain data. {@code accept} and {@code setup} use this package. Start reading at {@link
 * org.tlsuplift.proxy.tls.hello.ClientHelloHandler}.
 */
@NullMarked
package org.tlsuplift.proxy.tls.hello;

import org.jspecify.annotations.NullMarked;
