/**
 * Files with private keys and certificates: PEM and PKCS#12, read, written and combined.
 *
 * <p>The input is a path; the result is keys and certificates. Errors are a {@link
 * org.tlsuplift.proxy.outcome.OperatorException} with one line that names the file and the remedy,
 * and never quotes the content. {@code ca} and the daemon use this package. Start reading at {@link
 * org.tlsuplift.proxy.keyfile.PemFile}.
 */
@NullMarked
package org.tlsuplift.proxy.keyfile;

import org.jspecify.annotations.NullMarked;
