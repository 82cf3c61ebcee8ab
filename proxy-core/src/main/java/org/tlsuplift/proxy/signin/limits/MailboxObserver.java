package org.tlsuplift.proxy.signin.limits;

import java.time.Duration;
import org.tlsuplift.proxy.model.Labelled;

/**
 * Observes the queues of mailboxes. Called by any thread, without locks held; is fast, never throws
 * and never calls back.
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

  /** A permit was given, after a wait of at least zero. */
  default void given(Queue queue, Duration waited) {}

  default void refused(Queue queue, Cause cause) {}
}
