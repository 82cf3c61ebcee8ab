/**
 * SMTP, IMAP and POP3 before TLS: lines, commands, replies and the conversations with a device and
 * an origin.
 *
 * <p>Lines enter; the next reply, or the request for TLS, leaves. Called by {@code session} and
 * {@code upstream.mail}. Start reading at {@link org.tlsuplift.proxy.mail.DeviceConversation}.
 */
@NullMarked
package org.tlsuplift.proxy.mail;

import org.jspecify.annotations.NullMarked;
