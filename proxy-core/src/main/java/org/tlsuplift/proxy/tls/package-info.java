/**
 * TLS on both sides: profiles, contexts, certificates and agreed parameters.
 *
 * <p>The input is a policy: which TLS versions and cipher suites a device may use, and with which
 * engine, in a {@link org.tlsuplift.proxy.tls.TlsProfile}. The result is a TLS handler of BoringSSL
 * or the JDK, and after the handshake its parameters. {@code hello} reads ClientHello and
 * ServerHello, {@code failure} explains failures, {@code rsa} has the RSA operations of devices'
 * handshakes, and {@code chain} checks certificate chains. {@code setup} and {@code upstream} use
 * this package. Start reading at {@link org.tlsuplift.proxy.tls.TlsContexts}.
 */
@NullMarked
package org.tlsuplift.proxy.tls;

import org.jspecify.annotations.NullMarked;
