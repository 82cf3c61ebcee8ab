/**
 * Guards the relay of SMTP sessions, with and without sign-in by this proxy: the rules for
 * messages, the end of each message, and the capabilities of the origin.
 *
 * <p>The guard is a handler before the relay on the device's side. {@code setup} adds it to every
 * bridged SMTP session. It decides alone where a message ends, so that device and origin cannot
 * differ about that. Start reading at {@code SmtpGuard}.
 */
@NullMarked
package org.tlsuplift.proxy.mail.guard;

import org.jspecify.annotations.NullMarked;
