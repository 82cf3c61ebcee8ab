/**
 * Signs a mail device in at its origin with a token, in place of the device's password.
 *
 * <p>The input is a device after its TLS handshake; the result is an origin that accepted the
 * token, with the guard before the relay. {@code SignInAttempt} has these steps: find the device's
 * account, wait for a permit for the mailbox, get a token, sign in at the origin. {@code session}
 * uses this package. Start reading at {@code SignInSetup}.
 */
@NullMarked
package org.tlsuplift.proxy.setup.signin;

import org.jspecify.annotations.NullMarked;
