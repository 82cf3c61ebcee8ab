/**
 * Files in which operators keep private keys and certificates: PEM and PKCS#12, read and put
 * together.
 *
 * <p>What is wrong is a {@link org.tlsuplift.proxy.keyfile.KeyFileException}: one line that names
 * the file and says what to do, and never quotes it.
 */
@NullMarked
package org.tlsuplift.proxy.keyfile;

import org.jspecify.annotations.NullMarked;
