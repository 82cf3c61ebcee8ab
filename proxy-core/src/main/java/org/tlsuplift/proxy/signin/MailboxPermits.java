package org.tlsuplift.proxy.signin;

import java.net.InetAddress;
import org.tlsuplift.proxy.model.MailProtocol;

/**
 * Keeps mailboxes within what the origin allows each of them, however many devices share it.
 * Thread-safe; returns at once.
 */
public interface MailboxPermits {
  /**
   * Asks for one of the mailbox's sessions at the origin; it is kept until {@link Permit#end}.
   * Devices that share a mailbox take turns.
   */
  Permit session(String mailbox, MailProtocol protocol, InetAddress device);

  /**
   * Asks whether one more message may be sent now. The turn is for the beginning of a message, and
   * is used up when it is given: to end it then does nothing.
   */
  Permit message(String mailbox);
}
