/**
 * Signs a mail device in at its origin, in place of the password that it sends.
 *
 * <p>A device whose TLS is up enters; an origin that accepted the token leaves, with the guard in
 * front of the relay. {@code SignInSteps} asks in this order: who the device is, when its mailbox
 * has a permit, which token to use, and what the origin says to it. Called by {@code session}.
 * Start reading at {@code SignInSetup}.
 */
@NullMarked
package org.tlsuplift.proxy.setup.signin;

import org.jspecify.annotations.NullMarked;
