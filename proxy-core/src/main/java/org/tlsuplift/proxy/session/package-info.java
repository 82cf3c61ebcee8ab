/**
 * The states of one device's connection, from the first byte to the close.
 *
 * <p>Events of the device's channel enter through {@code SessionHandler}; what leaves is one close
 * reason. The states are drawn in {@code SessionState}; {@code RouteStep} asks for the route once,
 * at the ClientHello, and chooses the setup. {@code StartTlsConversation} speaks mail in plaintext
 * until a device asks for TLS. Called on the session's event loop alone. Start reading at {@code
 * Session}.
 */
@NullMarked
package org.tlsuplift.proxy.session;

import org.jspecify.annotations.NullMarked;
