/**
 * Explains faults of an origin's certificate chain, and reads its revocation status.
 *
 * <p>The input is certificates and responses; the result is a fault in words, or a status. No code
 * here opens a connection. {@code tls} and {@code upstream.verify} use this package. Start reading
 * at {@link org.tlsuplift.proxy.tls.chain.ChainFaults}.
 */
@NullMarked
package org.tlsuplift.proxy.tls.chain;

import org.jspecify.annotations.NullMarked;
