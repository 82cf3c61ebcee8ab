package org.tlsuplift.proxy.signin.limits;

import java.time.Duration;

/**
 * The limits of one mailbox.
 *
 * @param sessions SMTP sessions at the same time, at least 1; Microsoft 365 accepts 3
 * @param messagesPerMinute messages in any 60 seconds, at least 1; Microsoft 365 accepts 30
 * @param maximumWaiting devices in the queue for a session, at least 0
 * @param maximumWait the longest wait in a queue, up to {@link #LONGEST_WAIT}; no device gives up
 *     before 30 seconds
 */
public record MailboxLimits(
    int sessions, int messagesPerMinute, int maximumWaiting, Duration maximumWait) {
  /** The longest wait of any queue. RFC 5321 section 4.5.3.2 makes devices wait for 5 minutes. */
  public static final Duration LONGEST_WAIT = Duration.ofMinutes(2);

  public MailboxLimits {
    if (sessions < 1 || messagesPerMinute < 1 || maximumWaiting < 0) {
      throw new IllegalArgumentException(
          "got %s sessions, %s messages per minute and a queue of %s; expected at least 1, 1 and 0"
              .formatted(sessions, messagesPerMinute, maximumWaiting));
    }
    if (maximumWait.isNegative() || maximumWait.compareTo(LONGEST_WAIT) > 0) {
      throw new IllegalArgumentException(
          "got a wait of " + maximumWait + "; expected 0 to " + LONGEST_WAIT);
    }
  }
}
