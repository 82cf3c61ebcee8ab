/** The RSA operations of devices' handshakes, by BoringSSL or by the system's libcrypto. */
@NullMarked
package org.tlsuplift.proxy.tls.rsa;

import org.jspecify.annotations.NullMarked;
