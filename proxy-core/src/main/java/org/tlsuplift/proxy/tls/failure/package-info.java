/**
 * Explains why a handshake with a device or an origin failed.
 *
 * <p>The input is an exception of BoringSSL or the JDK, or an alert. The result is a reason for
 * counters, and a line for the operator. {@code context} and {@code upstream} use this package.
 * Start reading at {@link org.tlsuplift.proxy.tls.failure.TlsFault}.
 */
@NullMarked
package org.tlsuplift.proxy.tls.failure;

import org.jspecify.annotations.NullMarked;
