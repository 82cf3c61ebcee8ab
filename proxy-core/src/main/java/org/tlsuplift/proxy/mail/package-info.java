/**
 * SMTP, IMAP and POP3 before TLS: lines, commands, replies and the conversations with a device and
 * an origin; the operator's rules for messages, and the rewriting of a sender.
 *
 * <p>The input is lines; the output is the next reply or the start of TLS. {@code guard} applies
 * {@link org.tlsuplift.proxy.mail.MailPolicy}, and {@code HeaderBlock} rewrites the header of a
 * message while its body passes. {@code session} and {@code upstream} use this package. Start
 * reading at {@link org.tlsuplift.proxy.mail.DeviceConversation}.
 */
@NullMarked
package org.tlsuplift.proxy.mail;

import org.jspecify.annotations.NullMarked;
