/**
 * Keeps mailboxes within their origin's limits: sessions at once and messages a minute, for all
 * listeners and event loops together.
 *
 * <p>A request for a permit enters; a permit, after a wait in a queue or at once, or a refusal
 * leaves. Every queue and wait is bounded. Start reading at {@code MailboxLimiter}.
 */
@NullMarked
package org.tlsuplift.proxy.signin.limits;

import org.jspecify.annotations.NullMarked;
