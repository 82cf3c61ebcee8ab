/**
 * Keeps mailboxes within their origin's limits: simultaneous sessions and messages per minute, for
 * all listeners and event loops together.
 *
 * <p>The input is a request for a permit. The result is a permit, at once or after a wait in a
 * queue, or a refusal. Every queue and every wait has a limit. Start reading at {@code
 * MailboxLimiter}.
 */
@NullMarked
package org.tlsuplift.proxy.signin.limits;

import org.jspecify.annotations.NullMarked;
