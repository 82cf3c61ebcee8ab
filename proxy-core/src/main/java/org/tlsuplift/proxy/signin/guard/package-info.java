/**
 * Watches what a device sends through a session that this proxy signed in: the senders, the
 * messages a minute, and that device and origin agree where a message ends.
 *
 * <p>Sits in front of the relay, towards the device; bytes of both enter and leave unchanged, or
 * the session ends. Put there by {@code setup.signin}. Start reading at {@code SmtpGuard}.
 */
@NullMarked
package org.tlsuplift.proxy.signin.guard;

import org.jspecify.annotations.NullMarked;
