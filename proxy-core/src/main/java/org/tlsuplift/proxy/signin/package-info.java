/**
 * What a listener needs to sign devices in at the origin in place of their passwords: who they are,
 * which mailbox is theirs, and a token for it. Plain data and contracts, without Netty.
 */
@NullMarked
package org.tlsuplift.proxy.signin;

import org.jspecify.annotations.NullMarked;
