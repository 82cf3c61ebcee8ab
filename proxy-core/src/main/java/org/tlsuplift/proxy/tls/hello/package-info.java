/**
 * Reads the first messages of TLS without taking part in it: ClientHello in records and in the
 * framing of SSL 2.0 (RFC 5246 appendix E.2), ServerHello, alerts, and the guards of a tunnel.
 *
 * <p>Bytes enter and are passed on; what was offered or agreed leaves as plain data. Called by
 * {@code accept} and {@code setup}. Start reading at {@link
 * org.tlsuplift.proxy.tls.hello.ClientHelloHandler}.
 */
@NullMarked
package org.tlsuplift.proxy.tls.hello;

import org.jspecify.annotations.NullMarked;
