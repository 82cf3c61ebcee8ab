/**
 * Identifies devices that sign in here: by login and password, or by address.
 *
 * <p>A sign-in request enters; an account or a refusal leaves. Start reading at {@link
 * org.tlsuplift.server.signin.AccountBook}.
 */
@NullMarked
package org.tlsuplift.server.signin;

import org.jspecify.annotations.NullMarked;
