package org.tlsuplift.proxy.signin.limits;

import java.time.Duration;
import org.tlsuplift.proxy.model.Labelled;

/**
 * Observes the queues of mailboxes. Any thread calls it, without holding a lock. Implementations
 * are fast, never throw and never call back.
 */
public interface MailboxObserver {
  MailboxObserver NONE = new MailboxObserver() {};

  enum Queue implements Labelled {
    /** One of the SMTP sessions that a mailbox may have at once. */
    SESSION,
    /** One of the messages that a mailbox may send within a minute. */
    MESSAGE;
  }

  /** Why a waiter was refused. */
  enum Cause implements Labelled {
    WAIT,
    LINE_FULL;
  }

  /** A permit was granted after a wait, which may be zero. */
  default void given(Queue queue, Duration waited) {}

  default void refused(Queue queue, Cause cause) {}
}
