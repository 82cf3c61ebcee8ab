/**
 * Mail through the daemon, by real mail programs.
 *
 * <p>A {@link org.tlsuplift.server.it.mail.MailDevice} is a real mail program. A {@link
 * org.tlsuplift.server.it.mail.MailExchange} has one of them send or fetch a letter. The origin's
 * side is asserted from the {@code Received} lines of Postfix and from Dovecot's log.
 */
@NullMarked
package org.tlsuplift.server.it.mail;

import org.jspecify.annotations.NullMarked;
