package org.tlsuplift.server.notify;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.server.background.Backoff;
import org.tlsuplift.server.notify.Notification.Event;
import org.tlsuplift.server.notify.NotificationCounts.Outcome;

/**
 * The notifications that wait for one receiver: at most {@value #MAX_MESSAGES} of them. A failed
 * attempt is repeated after 5 s, then after twice as long each time, up to 5 minutes, for one hour.
 *
 * <p>{@link #add} never blocks. One thread calls {@link #deliver}, which does.
 */
final class Outbox {
  static final int MAX_MESSAGES = 100;

  private static final Backoff BACKOFF = new Backoff(Duration.ofSeconds(5), Duration.ofMinutes(5));
  private static final Duration HOUR = Duration.ofHours(1);
  private static final Logger log = LoggerFactory.getLogger(Outbox.class);

  private final Delivery delivery;
  private final int maxPerHour;
  private final NotificationCounts counts;
  private final Clock clock;
  private final Deque<Notification> waiting = new ArrayDeque<>();
  private final Deque<Instant> sent = new ArrayDeque<>();
  private @Nullable Notification sending;
  private int failures;
  private Instant next = Instant.MIN;

  Outbox(Delivery delivery, int maxPerHour, NotificationCounts counts, Clock clock) {
    this.delivery = delivery;
    this.maxPerHour = maxPerHour;
    this.counts = counts;
    this.clock = clock;
  }

  /**
   * The end of a condition removes its start if that is not sent yet: the operator needs neither.
   */
  synchronized void add(Notification notification) {
    String condition = notification.condition().id();
    if (notification.event() == Event.ENDED
        && waiting.removeIf(
            other -> !other.equals(sending) && other.condition().id().equals(condition))) {
      return;
    }
    if (waiting.size() == MAX_MESSAGES) {
      counts.count(delivery.channel(), Outcome.DROPPED);
      log.warn(
          "a notification to {} was dropped, because {} are waiting: {}",
          delivery.target(),
          MAX_MESSAGES,
          notification.title());
      return;
    }
    waiting.addLast(notification);
  }

  /** Sends what is due, one after the other. */
  void deliver() {
    for (Notification due = due(); due != null; due = due()) {
      try {
        delivery.send(due);
        delivered();
      } catch (OperatorException failed) {
        failed(due, failed.getMessage());
      } catch (RuntimeException | Error fault) {
        log.error("a notification failed unexpectedly", fault);
        failed(due, "unexpected failure");
      }
    }
  }

  private synchronized @Nullable Notification due() {
    Instant now = clock.instant();
    while (!sent.isEmpty() && !sent.getFirst().plus(HOUR).isAfter(now)) {
      sent.removeFirst();
    }
    sending = now.isBefore(next) || sent.size() >= maxPerHour ? null : waiting.peekFirst();
    return sending;
  }

  private synchronized void delivered() {
    counts.count(delivery.channel(), Outcome.SENT);
    sent.addLast(clock.instant());
    waiting.removeFirst();
    sending = null;
    failures = 0;
  }

  private synchronized void failed(Notification notification, String why) {
    Instant now = clock.instant();
    Duration pause = BACKOFF.after(++failures);
    boolean last = notification.at().plus(HOUR).isBefore(now);
    log.warn(
        "a notification did not reach {}: {}; {}: {}",
        delivery.target(),
        why,
        last ? "it is given up" : "trying again in " + pause.toSeconds() + " s",
        notification.title());
    counts.count(delivery.channel(), last ? Outcome.FAILED : Outcome.RETRIED);
    sending = null;
    if (last) {
      waiting.removeFirst();
    }
    next = now.plus(pause);
  }
}
