/**
 * The states of one device's connection, from the first byte to the close.
 *
 * <p>Events of the device's channel enter through {@code SessionHandler}, and one close reason
 * leaves. {@code SessionState} shows the states. {@code RouteStep} asks for the route once, at the
 * ClientHello, and chooses the setup. {@code StartTlsConversation} speaks mail in plaintext until a
 * device asks for TLS. Called on the session's event loop only. Start reading at {@code Session}.
 */
@NullMarked
package org.tlsuplift.proxy.session;

import org.jspecify.annotations.NullMarked;
