/**
 * SMTP, IMAP and POP3 before TLS: lines, commands, replies and the conversations with a device and
 * an origin.
 *
 * <p>The input is lines; the output is the next reply or the start of TLS. {@code session} and
 * {@code upstream.mail} use this package. Start reading at {@link
 * org.tlsuplift.proxy.mail.DeviceConversation}.
 */
@NullMarked
package org.tlsuplift.proxy.mail;

import org.jspecify.annotations.NullMarked;
