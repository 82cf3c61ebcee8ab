/**
 * The local certificate authority: creates it, loads it, mints leaves for devices and exports what
 * devices install.
 *
 * <p>A name enters, and a {@link org.tlsuplift.proxy.tls.Leaf} leaves: no other private key leaves
 * this package. {@link org.tlsuplift.proxy.ca.CaStore} and {@link
 * org.tlsuplift.proxy.ca.OperatorCa} give it a CA to sign with. Called by the daemon and, for each
 * name, by sessions. Start reading at {@link org.tlsuplift.proxy.ca.LocalCertificateAuthority}.
 */
@NullMarked
package org.tlsuplift.proxy.ca;

import org.jspecify.annotations.NullMarked;
