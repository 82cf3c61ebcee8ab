/**
 * Guards what a device sends through a session that this proxy signed in: the senders, the messages
 * a minute, and where a message ends.
 *
 * <p>Sits before the relay on the device's side; bytes of both sides pass unchanged, or the session
 * ends. Added by {@code setup.signin}. Start reading at {@code SmtpGuard}.
 */
@NullMarked
package org.tlsuplift.proxy.signin.guard;

import org.jspecify.annotations.NullMarked;
