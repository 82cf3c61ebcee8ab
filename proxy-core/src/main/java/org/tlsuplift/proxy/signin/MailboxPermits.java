package org.tlsuplift.proxy.signin;

import java.net.InetAddress;
import org.tlsuplift.proxy.model.MailProtocol;

/**
 * Keeps mailboxes within what the origin allows each of them, however many devices share one.
 * Thread-safe; returns at once.
 */
public interface MailboxPermits {
  /**
   * Requests one of the mailbox's sessions at the origin, which is held until {@link Permit#end}.
   * Devices that share a mailbox get them in turn.
   */
  Permit session(String mailbox, MailProtocol protocol, InetAddress device);

  /**
   * Requests one more message. The permit is for the beginning of a message and is used up when
   * given: to end it then does nothing.
   */
  Permit message(String mailbox);
}
