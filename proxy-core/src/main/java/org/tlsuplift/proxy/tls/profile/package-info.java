/**
 * Which TLS versions and cipher suites a device may use, and with which engine. Start reading at
 * {@link org.tlsuplift.proxy.tls.profile.TlsProfile}.
 */
@NullMarked
package org.tlsuplift.proxy.tls.profile;

import org.jspecify.annotations.NullMarked;
