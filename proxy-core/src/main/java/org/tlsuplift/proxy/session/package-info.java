/**
 * The state machine of one session, from the device's first byte to the close.
 *
 * <p>{@code SessionHandler} passes the events of the device channel to {@code Session}. {@code
 * SessionState} lists the states. {@code CurrentState} checks each event against the state and ends
 * the session with one close reason; {@code DisconnectReason} finds the reason after the device
 * disconnects. {@code RouteStep} requests the route once, at the ClientHello, and chooses the
 * setup. {@code StartTlsConversation} runs the plaintext dialogue with a mail device until the
 * device starts TLS. All code runs on the session's event loop. Start reading at {@code Session}.
 */
@NullMarked
package org.tlsuplift.proxy.session;

import org.jspecify.annotations.NullMarked;
