/**
 * The local certificate authority: create it, load it, mint leaves for devices and export what
 * devices install.
 *
 * <p>The door for sessions is {@link org.tlsuplift.proxy.ca.LocalCertificateAuthority}; {@link
 * org.tlsuplift.proxy.ca.CaStore} and {@link org.tlsuplift.proxy.ca.OperatorCa} give it a CA to
 * sign with. Private keys never leave the package except in a {@link org.tlsuplift.proxy.tls.Leaf}.
 */
@NullMarked
package org.tlsuplift.proxy.ca;

import org.jspecify.annotations.NullMarked;
