package org.tlsuplift.proxy.signin;

import java.net.InetAddress;
import org.tlsuplift.proxy.model.MailProtocol;

/**
 * Keeps mailboxes within what the origin allows each of them, however many devices share it.
 * Thread-safe; returns at once.
 */
public interface MailboxKeeper {
  /**
   * Asks for one of the mailbox's sessions at the origin; it is kept until {@link Turn#end}.
   * Devices that share a mailbox take turns.
   */
  Turn session(String mailbox, MailProtocol protocol, InetAddress device);

  /**
   * Asks whether one more message may be sent now. The turn is for the beginning of a message, and
   * is used up when it is given: to end it then does nothing.
   */
  Turn message(String mailbox);
}
