package org.tlsuplift.proxy.signin.limits;

import java.time.Duration;

/**
 * What one mailbox may do at once.
 *
 * @param sessions SMTP sessions at the same time, from 1; Microsoft 365 accepts 3
 * @param messagesPerMinute messages in any 60 seconds, from 1; Microsoft 365 accepts 30
 * @param maximumWaiting devices in the queue for a session, from 0
 * @param maximumWait the longest wait in a queue, up to {@link #LONGEST_WAIT}; devices give up
 *     after 30 seconds at the earliest
 */
public record MailboxLimits(
    int sessions, int messagesPerMinute, int maximumWaiting, Duration maximumWait) {
  /** The bound of every wait: RFC 5321 section 4.5.3.2 lets devices wait for 5 minutes. */
  public static final Duration LONGEST_WAIT = Duration.ofMinutes(2);

  /** The limits of Microsoft 365, and a wait that impatient devices accept. */
  public static final MailboxLimits MICROSOFT_365 =
      new MailboxLimits(3, 30, 200, Duration.ofSeconds(25));

  public MailboxLimits {
    if (sessions < 1 || messagesPerMinute < 1 || maximumWaiting < 0) {
      throw new IllegalArgumentException("a mailbox has at least one session and one message");
    }
    if (maximumWait.isNegative() || maximumWait.compareTo(LONGEST_WAIT) > 0) {
      throw new IllegalArgumentException("a wait lasts from 0 to " + LONGEST_WAIT);
    }
  }
}
