/**
 * Tokens for mailboxes, by Microsoft's MSAL4J: asked for over connections as the proxy's own, kept
 * encrypted, renewed before they expire, and never printed.
 */
@NullMarked
package org.tlsuplift.server.token;

import org.jspecify.annotations.NullMarked;
