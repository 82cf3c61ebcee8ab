/**
 * The local certificate authority: the certificate of a new CA, the checks before a CA signs, and
 * the leaves for devices.
 *
 * <p>The input is a name; the result is a {@link org.tlsuplift.proxy.tls.Leaf}. An {@link
 * org.tlsuplift.proxy.ca.IssuingCa} does not return the CA's key. The daemon keeps the CA on the
 * disk, and sessions use this package for each name. Start reading at {@link
 * org.tlsuplift.proxy.ca.LocalCertificateAuthority}.
 */
@NullMarked
package org.tlsuplift.proxy.ca;

import org.jspecify.annotations.NullMarked;
