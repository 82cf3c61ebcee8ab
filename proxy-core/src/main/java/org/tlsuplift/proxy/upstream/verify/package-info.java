/**
 * Judges what an origin shows after its handshake: the name, the chain, and whether the certificate
 * is revoked (OCSP, RFC 6960, and CRL, RFC 5280).
 *
 * <p>A handshake that is done enters; verified or a reason leaves. Questions about revocation are
 * asked off the event loop, bounded and cached. Start reading at {@code OriginVerification}.
 */
@NullMarked
package org.tlsuplift.proxy.upstream.verify;

import org.jspecify.annotations.NullMarked;
