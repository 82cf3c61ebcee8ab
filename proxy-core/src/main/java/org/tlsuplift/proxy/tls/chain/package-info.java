/**
 * Explains faults in an origin's certificate chain, and reads revocation status.
 *
 * <p>The input is certificates, OCSP responses and CRLs. The result is an explanation, or a status.
 * No code here opens a connection. {@code tls} and {@code upstream} use this package. Start reading
 * at {@link org.tlsuplift.proxy.tls.chain.ChainFaults}.
 */
@NullMarked
package org.tlsuplift.proxy.tls.chain;

import org.jspecify.annotations.NullMarked;
