/**
 * What a listener needs to sign devices in at the origin: their identity, their mailbox, and a
 * token for it. Plain data and contracts, without Netty; the daemon implements them.
 *
 * <p>{@code dialogue} has the replies of each mail protocol, {@code guard} watches what a signed-in
 * device sends, {@code limits} keeps mailboxes within what their origin allows. Start reading at
 * {@link org.tlsuplift.proxy.signin.SignIn}.
 */
@NullMarked
package org.tlsuplift.proxy.signin;

import org.jspecify.annotations.NullMarked;
