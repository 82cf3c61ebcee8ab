/**
 * Files with private keys and certificates: PEM and PKCS#12, read, written and combined.
 *
 * <p>A path enters; keys and certificates leave, or a {@link
 * org.tlsuplift.proxy.keyfile.KeyFileException}: one line that names the file and what to do, and
 * never quotes it. Called by {@code ca} and the daemon. Start reading at {@link
 * org.tlsuplift.proxy.keyfile.PemFile}.
 */
@NullMarked
package org.tlsuplift.proxy.keyfile;

import org.jspecify.annotations.NullMarked;
