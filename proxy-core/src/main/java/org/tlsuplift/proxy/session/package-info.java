/**
 * The state machine of one session, from the device's first byte to the close.
 *
 * <p>{@code Session} handles each event in the state in which it may happen, and ends the session
 * with one close reason; {@code SessionState} lists the states. {@code Routing} requests the route
 * once, at the ClientHello, and chooses the setup. {@code Disconnect} finds the reason after a
 * connection has ended. {@code StartTlsConversation} runs the plaintext dialogue with a mail device
 * until the device starts TLS. All code runs on the session's event loop. Start reading at {@code
 * Session}.
 */
@NullMarked
package org.tlsuplift.proxy.session;

import org.jspecify.annotations.NullMarked;
