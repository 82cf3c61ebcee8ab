/**
 * Prepares both sides of a session after the route decision, until the relay can start.
 *
 * <p>The input is a route decision. The result is a future with the connected origin or a failure.
 * Each kind of session has a class: {@code BridgeSetup} terminates the device's TLS while the
 * origin is dialled; {@code TunnelSetup} forwards the ClientHello unchanged; {@code ForwardSetup}
 * is for plain HTTP requests; {@code PlaintextSetup} is for mail devices that stay in plaintext.
 *
 * <p>{@code SignInSetup} runs the sign-in dialogue with a mail device, after its TLS handshake or
 * in plaintext. {@code SignInAttempt} finds the device's account, waits for a permit for the
 * mailbox, gets a token and signs in to the origin with it, in place of the device's password.
 * {@code session} uses this package. Start reading at {@code Setup}.
 */
@NullMarked
package org.tlsuplift.proxy.setup;

import org.jspecify.annotations.NullMarked;
