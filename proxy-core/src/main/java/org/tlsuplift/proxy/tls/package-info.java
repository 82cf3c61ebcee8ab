/**
 * TLS on both sides: profiles, contexts, certificates and what was agreed.
 *
 * <p>A policy enters, a context for BoringSSL or the JDK leaves, and facts about a handshake that
 * ended. {@code hello} reads ClientHello and ServerHello, {@code failure} explains what went wrong,
 * {@code chain} judges certificate chains. Called by {@code setup} and {@code upstream}. Start
 * reading at {@link org.tlsuplift.proxy.tls.TlsContexts}.
 */
@NullMarked
package org.tlsuplift.proxy.tls;

import org.jspecify.annotations.NullMarked;
