/**
 * Signs a mail device in at its origin, in place of the password that it sends.
 *
 * <p>A device after its TLS handshake enters, and an origin that accepted the token leaves, with
 * the guard before the relay. {@code SignInAttempt} takes these steps: find the account of the
 * device, wait for a permit for the mailbox, get a token, sign in at the origin. Called by {@code
 * session}. Start reading at {@code SignInSetup}.
 */
@NullMarked
package org.tlsuplift.proxy.setup.signin;

import org.jspecify.annotations.NullMarked;
