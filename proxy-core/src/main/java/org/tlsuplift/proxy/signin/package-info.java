/**
 * The contracts for signing devices in at the origin: their identity, their mailbox, and a token
 * for it. Plain data and interfaces without Netty; the daemon implements them.
 *
 * <p>{@code dialogue} has the replies of each mail protocol, {@code guard} checks the commands of
 * signed-in devices, and {@code limits} keeps mailboxes within their origin's limits. Start reading
 * at {@link org.tlsuplift.proxy.signin.SignIn}.
 */
@NullMarked
package org.tlsuplift.proxy.signin;

import org.jspecify.annotations.NullMarked;
