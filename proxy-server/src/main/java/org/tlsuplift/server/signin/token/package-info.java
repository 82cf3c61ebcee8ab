/**
 * Tokens for mailboxes, by Microsoft's MSAL4J: asked for over connections as the proxy's own, kept
 * encrypted, renewed before they expire, and never printed.
 *
 * <p>A mailbox enters; a token or the reason why there is none leaves. Start reading at {@link
 * org.tlsuplift.server.signin.token.CachedTokens}.
 */
@NullMarked
package org.tlsuplift.server.signin.token;

import org.jspecify.annotations.NullMarked;
