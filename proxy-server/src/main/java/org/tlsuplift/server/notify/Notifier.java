package org.tlsuplift.server.notify;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.tlsuplift.server.background.Schedule;
import org.tlsuplift.server.feature.Condition;
import org.tlsuplift.server.notify.Notification.Event;

/**
 * Notifies each receiver once when a condition starts, and once when it has ended. Each receiver
 * has its own task, so one that does not respond delays no other.
 */
public final class Notifier implements AutoCloseable {
  private static final Duration PERIOD = Duration.ofSeconds(1);

  private final String instance;
  private final NotificationCounts counts;
  private final Clock clock;
  private final Schedule schedule;
  private final Map<String, Seen> seen = new HashMap<>();
  private List<Receiver> receivers = List.of();

  /** A condition that holds, or has just ended. */
  private static final class Seen {
    private final Condition condition;
    private final Instant since;
    private boolean notified;
    private boolean missed;

    Seen(Condition condition, Instant since) {
      this.condition = condition;
      this.since = since;
    }
  }

  private record Receiver(Outbox outbox, Schedule.Task delivering) {}

  /**
   * Has no receivers yet.
   *
   * @param instance the host, for the receiver
   */
  public Notifier(String instance, NotificationCounts counts, Clock clock, Schedule schedule) {
    this.instance = instance;
    this.counts = counts;
    this.clock = clock;
    this.schedule = schedule;
  }

  /** Sends to other receivers from now on. Those that were just added get conditions that hold. */
  public synchronized void replace(List<Delivery> deliveries, int maxPerHour) {
    close();
    receivers =
        deliveries.stream()
            .map(delivery -> receiver(new Outbox(delivery, maxPerHour, counts, clock)))
            .toList();
    seen.values().forEach(each -> each.notified = false);
  }

  private Receiver receiver(Outbox outbox) {
    return new Receiver(
        outbox, schedule.every(PERIOD, "the delivery of notifications", outbox::deliver));
  }

  /**
   * Compares the conditions that hold now with those before. A condition has ended if two calls in
   * a row did not have it. Never blocks.
   */
  public synchronized void check(List<Condition> conditions) {
    Instant now = clock.instant();
    Set<String> present = new HashSet<>();
    for (Condition condition : conditions) {
      present.add(condition.id());
      Seen each = seen.computeIfAbsent(condition.id(), id -> new Seen(condition, now));
      each.missed = false;
      if (!each.notified && !each.since.plus(condition.hold()).isAfter(now)) {
        each.notified = true;
        send(Event.STARTED, condition, each.since, now);
      }
    }
    for (Seen each : new ArrayList<>(seen.values())) {
      if (present.contains(each.condition.id())) {
        continue;
      }
      if (!each.missed) {
        each.missed = true;
        continue;
      }
      seen.remove(each.condition.id());
      if (each.notified) {
        send(Event.ENDED, each.condition, each.since, now);
      }
    }
  }

  private void send(Event event, Condition condition, Instant since, Instant now) {
    Notification notification = Notification.of(event, condition, instance, since, now);
    receivers.forEach(each -> each.outbox().add(notification));
  }

  /** Stops sending. What waits is lost. */
  @Override
  public synchronized void close() {
    receivers.forEach(each -> each.delivering().close());
    receivers = List.of();
  }
}
