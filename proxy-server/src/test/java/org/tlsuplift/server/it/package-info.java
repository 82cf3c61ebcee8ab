/**
 * The started daemon between devices and origins that nobody here wrote.
 *
 * <p>A {@link org.tlsuplift.server.it.Lab} holds what a test class starts and ends it afterwards; a
 * {@link org.tlsuplift.server.it.Daemon} is the shipped jar in a process of its own; {@link
 * org.tlsuplift.server.it.Device}s are real TLS stacks, {@link org.tlsuplift.server.it.Nginx} and
 * {@link org.tlsuplift.server.it.JsseOrigin} are the origins. Each agreement is asserted from both
 * ends: from what the device prints, and from the content, in which the origin says what it agreed
 * to.
 *
 * <p>For mail, a {@link org.tlsuplift.server.it.PostOffice} is a real Postfix and a real Dovecot
 * with the same mailboxes, {@link org.tlsuplift.server.it.MailDevice}s are real mail programs, and
 * a {@link org.tlsuplift.server.it.MailExchange} has one of them send or fetch a letter. The
 * origin's side is asserted from the {@code Received} lines of Postfix and from Dovecot's log.
 *
 * <p>The handshake matrix: each {@link org.tlsuplift.server.it.MatrixRow} has an {@link
 * org.tlsuplift.server.it.Offer} that {@link org.tlsuplift.server.it.Stack}s make devices for. Each
 * of them is tried at each {@link org.tlsuplift.server.it.Contestant}, over a {@link
 * org.tlsuplift.server.it.Wire} that shows what was really offered.
 */
@NullMarked
package org.tlsuplift.server.it;

import org.jspecify.annotations.NullMarked;
