/**
 * Compares passwords with their hashes (bcrypt, Argon2) on its own threads, fairly among subnets,
 * and slows guessing.
 *
 * <p>A password and a hash enter; a verdict leaves later. Called by {@code signin.account} and the
 * admin port. Start reading at {@link org.tlsuplift.server.signin.password.PasswordChecks}.
 */
@NullMarked
package org.tlsuplift.server.signin.password;

import org.jspecify.annotations.NullMarked;
