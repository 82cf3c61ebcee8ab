/**
 * Who a device is that signs in here: by login and password, or by its address.
 *
 * <p>A request to sign in enters; an account or a refusal leaves. Start reading at {@link
 * org.tlsuplift.server.signin.account.AccountBook}.
 */
@NullMarked
package org.tlsuplift.server.signin.account;

import org.jspecify.annotations.NullMarked;
