/**
 * Checks an origin after its handshake: the name, the chain, and whether the certificate was
 * revoked (OCSP, RFC 6960, and CRL, RFC 5280).
 *
 * <p>The input is a completed handshake; the result is a verified origin or a reason. Revocation
 * queries never block the event loop; they have limits and a cache. Start reading at {@code
 * OriginVerification}.
 */
@NullMarked
package org.tlsuplift.proxy.upstream.verify;

import org.jspecify.annotations.NullMarked;
