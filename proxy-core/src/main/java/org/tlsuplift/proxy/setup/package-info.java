/**
 * Prepares both sides of a session after the route decision, until bytes can be relayed.
 *
 * <p>A decision enters, and a connected origin or a failure leaves through {@code Setup.Callbacks}.
 * There is one class for each kind: {@code BridgeSetup} terminates TLS of the device while the
 * origin is dialled, {@code TunnelSetup} passes the ClientHello on unchanged, {@code ForwardSetup}
 * carries a request in plain HTTP, {@code PlaintextSetup} a mail device that never encrypts. {@code
 * RelayStarter} joins the two sides. Called by {@code session}. Start reading at {@code Setup}.
 */
@NullMarked
package org.tlsuplift.proxy.setup;

import org.jspecify.annotations.NullMarked;
