/**
 * The states of one device's connection, from the first byte to the close.
 *
 * <p>The input is the events of the device's channel, through {@code SessionHandler}; the result is
 * one close reason. {@code SessionState} has the states. {@code RouteStep} requests the route once,
 * at the ClientHello, and chooses the setup. {@code StartTlsConversation} runs a mail dialogue in
 * plaintext until the device requests TLS. All code runs on the session's event loop. Start reading
 * at {@code Session}.
 */
@NullMarked
package org.tlsuplift.proxy.session;

import org.jspecify.annotations.NullMarked;
