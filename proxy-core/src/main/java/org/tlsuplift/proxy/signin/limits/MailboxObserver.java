package org.tlsuplift.proxy.signin.limits;

import java.time.Duration;
import java.util.Locale;

/**
 * Is told what the lines of mailboxes do. Called by any thread, without locks held; is fast, never
 * throws and never calls back.
 */
public interface MailboxObserver {
  MailboxObserver NONE = new MailboxObserver() {};

  /** What is waited for. */
  enum Line {
    /** One of the SMTP sessions that a mailbox may have at once. */
    SESSION,
    /** One of the messages that a mailbox may send within a minute. */
    MESSAGE;

    /** The value of the metric tag. */
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Why somebody was sent away. */
  enum Cause {
    /** The turn did not come in time. */
    WAIT,
    LINE_FULL;

    /** The value of the metric tag. */
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Somebody's turn has come, after a wait of at least zero. */
  default void given(Line line, Duration waited) {}

  default void refused(Line line, Cause cause) {}
}
