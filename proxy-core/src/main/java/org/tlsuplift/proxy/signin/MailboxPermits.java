package org.tlsuplift.proxy.signin;

import java.net.InetAddress;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.model.Permit;

/**
 * Keeps each mailbox within the origin's limits, for any number of devices that share it.
 * Thread-safe; the methods return at once.
 */
public interface MailboxPermits {
  /** For origins without such limits. */
  MailboxPermits UNLIMITED =
      new MailboxPermits() {
        @Override
        public Permit session(String mailbox, MailProtocol protocol, InetAddress device) {
          return Permit.GRANTED;
        }

        @Override
        public Permit message(String mailbox) {
          return Permit.GRANTED;
        }
      };

  /**
   * Requests one of the mailbox's sessions at the origin, to be held until {@link Permit#end}.
   * Devices that share a mailbox get sessions in turn.
   */
  Permit session(String mailbox, MailProtocol protocol, InetAddress device);

  /**
   * Requests one more message. The permit is used up when it is granted, so {@link Permit#end} then
   * has no effect.
   */
  Permit message(String mailbox);
}
