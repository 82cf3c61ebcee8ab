/**
 * The local certificate authority: creates and loads the CA, makes leaves for devices, and exports
 * the certificate that devices install.
 *
 * <p>The input is a name; the result is a {@link org.tlsuplift.proxy.tls.Leaf}. No other private
 * key leaves this package. {@link org.tlsuplift.proxy.ca.CaStore} and {@link
 * org.tlsuplift.proxy.ca.OperatorCa} provide the CA. The daemon uses this package, and sessions use
 * it for each name. Start reading at {@link org.tlsuplift.proxy.ca.LocalCertificateAuthority}.
 */
@NullMarked
package org.tlsuplift.proxy.ca;

import org.jspecify.annotations.NullMarked;
