/**
 * Identifies devices that sign in here: by login and password, or by address.
 *
 * <p>A sign-in request enters; an account or a refusal leaves. {@link
 * org.tlsuplift.server.signin.PasswordChecks} compares passwords with their hashes (bcrypt, Argon2)
 * on its own threads, fairly among subnets, and slows guessing; the admin port uses it too. {@code
 * token} gets tokens for the origin. Start reading at {@link
 * org.tlsuplift.server.signin.AccountBook}.
 */
@NullMarked
package org.tlsuplift.server.signin;

import org.jspecify.annotations.NullMarked;
