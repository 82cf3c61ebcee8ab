/**
 * TLS on both sides: profiles, contexts, certificates and agreed parameters.
 *
 * <p>The input is a policy; the result is a context for BoringSSL or the JDK, and facts about a
 * handshake that ended. {@code hello} reads ClientHello and ServerHello, {@code failure} explains
 * failures, and {@code chain} checks certificate chains. {@code setup} and {@code upstream} use
 * this package. Start reading at {@link org.tlsuplift.proxy.tls.TlsContexts}.
 */
@NullMarked
package org.tlsuplift.proxy.tls;

import org.jspecify.annotations.NullMarked;
