/**
 * Prepares both sides of a session after the route decision, until bytes can be relayed.
 *
 * <p>The input is a route decision; the result is a connected origin or a failure, through {@code
 * Setup.Callbacks}. There is one class for each kind of session. {@code BridgeSetup} terminates TLS
 * of the device while the origin is dialled. {@code TunnelSetup} passes the ClientHello on
 * unchanged. {@code ForwardSetup} carries a plain HTTP request, {@code PlaintextSetup} a mail
 * device that never encrypts. {@code RelayStarter} joins the two sides. {@code session} uses this
 * package. Start reading at {@code Setup}.
 */
@NullMarked
package org.tlsuplift.proxy.setup;

import org.jspecify.annotations.NullMarked;
