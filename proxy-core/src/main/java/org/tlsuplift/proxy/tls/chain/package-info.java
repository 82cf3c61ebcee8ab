/**
 * Judges an origin's certificate chain: what is wrong with it, and whether it was revoked.
 *
 * <p>Certificates and responses enter; a fault in words or a status leaves. Opens no connection.
 * Called by {@code tls} and {@code upstream.verify}. Start reading at {@link
 * org.tlsuplift.proxy.tls.chain.ChainFaults}.
 */
@NullMarked
package org.tlsuplift.proxy.tls.chain;

import org.jspecify.annotations.NullMarked;
