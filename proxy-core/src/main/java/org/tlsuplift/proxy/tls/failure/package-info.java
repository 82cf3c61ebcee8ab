/**
 * Explains why a handshake failed, on the device's side and on the origin's.
 *
 * <p>An exception of BoringSSL or the JDK, or an alert, enters; a reason for counters and a line
 * for the operator leaves. Called by {@code context} and {@code upstream}. Start reading at {@link
 * org.tlsuplift.proxy.tls.failure.TlsFault}.
 */
@NullMarked
package org.tlsuplift.proxy.tls.failure;

import org.jspecify.annotations.NullMarked;
