/**
 * Signs a mail device in to its origin with a token, in place of the device's password.
 *
 * <p>{@code SignInSetup} runs the sign-in dialogue with a device, after its TLS handshake or in
 * plaintext. {@code SignInAttempt} finds the device's account, waits for a permit for the mailbox,
 * gets a token and signs in to the origin. The result is an origin that accepted the token. {@code
 * session} uses this package. Start reading at {@code SignInSetup}.
 */
@NullMarked
package org.tlsuplift.proxy.setup.signin;

import org.jspecify.annotations.NullMarked;
