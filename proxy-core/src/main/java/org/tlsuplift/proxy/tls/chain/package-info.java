/**
 * Finds the chain of a certificate, explains its faults, and reads revocation status.
 *
 * <p>The input is certificates, OCSP responses and CRLs. The result is a chain, an explanation, or
 * a status. No code here opens a connection. {@code tls}, {@code upstream}, {@code ca} and the
 * daemon use this package. Start reading at {@link org.tlsuplift.proxy.tls.chain.ChainFaults}.
 */
@NullMarked
package org.tlsuplift.proxy.tls.chain;

import org.jspecify.annotations.NullMarked;
