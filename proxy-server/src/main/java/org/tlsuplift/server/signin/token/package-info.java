/**
 * Tokens for mailboxes, with Microsoft's MSAL4J: requested with the proxy's own connections, stored
 * encrypted, renewed before they expire, and never printed.
 *
 * <p>A mailbox enters; a token or a reason leaves. Start reading at {@link
 * org.tlsuplift.server.signin.token.CachedTokens}.
 */
@NullMarked
package org.tlsuplift.server.signin.token;

import org.jspecify.annotations.NullMarked;
