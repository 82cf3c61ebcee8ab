/**
 * Judges an origin after its handshake: the name, the chain, and whether the certificate was
 * revoked (OCSP, RFC 6960, and CRL, RFC 5280).
 *
 * <p>A completed handshake enters; a verified origin or a reason leaves. Questions about revocation
 * never block the event loop; they are bounded and cached. Start reading at {@code
 * OriginVerification}.
 */
@NullMarked
package org.tlsuplift.proxy.upstream.verify;

import org.jspecify.annotations.NullMarked;
