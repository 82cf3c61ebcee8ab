/**
 * TLS on both sides: profiles, contexts, certificates and agreed parameters.
 *
 * <p>The input is a policy. The result is a TLS handler of BoringSSL or the JDK, and after the
 * handshake its parameters. {@code hello} reads ClientHello and ServerHello, {@code failure}
 * explains failures, and {@code chain} checks certificate chains. {@code setup} and {@code
 * upstream} use this package. Start reading at {@link org.tlsuplift.proxy.tls.TlsContexts}.
 */
@NullMarked
package org.tlsuplift.proxy.tls;

import org.jspecify.annotations.NullMarked;
