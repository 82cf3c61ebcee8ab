/**
 * Connects to origins: resolve, dial, verify, and for mail the greeting, capabilities and STARTTLS.
 *
 * <p>The input is a name and a port. The result is a connection to an origin that was verified for
 * this name, or an {@link org.tlsuplift.proxy.upstream.dial.OriginUnavailableException} with cause
 * and remedy. {@code dial} connects. {@code OriginVerification} checks the name, the chain, and
 * whether the certificate was revoked (OCSP, RFC 6960, and CRL, RFC 5280); these queries never
 * block the event loop, and have limits and a cache. {@code MailOriginHandshake} prepares a mail
 * origin, which a session can secure, pass on untouched, or close. {@link
 * org.tlsuplift.proxy.upstream.UpstreamSelfTest} checks at start-up that no version below TLS 1.2
 * is accepted. Start reading at {@link org.tlsuplift.proxy.upstream.UpstreamConnector}.
 */
@NullMarked
package org.tlsuplift.proxy.upstream;

import org.jspecify.annotations.NullMarked;
