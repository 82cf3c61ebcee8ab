/**
 * SMTP, IMAP and POP3, as far as they are spoken before TLS: lines, commands, replies and the
 * conversations of a device and of an origin.
 *
 * <p>Lines enter; the next reply, or the wish for TLS, leaves. Called by {@code session} and {@code
 * upstream.mail}. Start reading at {@link org.tlsuplift.proxy.mail.DeviceConversation}.
 */
@NullMarked
package org.tlsuplift.proxy.mail;

import org.jspecify.annotations.NullMarked;
