/**
 * Checks the commands of an SMTP device in a relay: the senders, the messages per minute, and the
 * end of each message.
 *
 * <p>The guard is a handler before the relay on the device's side. {@code setup.signin} adds it. It
 * never changes a message: the bytes pass unchanged, or the session ends. Start reading at {@code
 * SmtpGuard}.
 */
@NullMarked
package org.tlsuplift.proxy.mail.guard;

import org.jspecify.annotations.NullMarked;
