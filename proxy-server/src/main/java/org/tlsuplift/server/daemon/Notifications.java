package org.tlsuplift.server.daemon;

import java.time.Clock;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.server.background.Schedule;
import org.tlsuplift.server.config.NotifyConfig;
import org.tlsuplift.server.metrics.MetricNames;
import org.tlsuplift.server.notify.Delivery.Channel;
import org.tlsuplift.server.notify.NotificationCounts;
import org.tlsuplift.server.notify.NotificationCounts.Outcome;
import org.tlsuplift.server.notify.Notifier;

/**
 * Notifies operators about the critical conditions of a running daemon. Checks them every 5
 * seconds, and follows reloads.
 */
public final class Notifications implements AutoCloseable {
  private static final Duration PERIOD = Duration.ofSeconds(5);
  private static final Duration REPORTS = Duration.ofMinutes(1);

  private final NotificationSource source;
  private final NotificationCounts counts = new NotificationCounts();
  private final Notifier notifier;
  private final Schedule schedule;
  private @Nullable NotifyConfig used;

  private Notifications(NotificationSource source, Schedule schedule) {
    this.source = source;
    this.schedule = schedule;
    for (Channel channel : Channel.values()) {
      for (Outcome outcome : Outcome.values()) {
        source
            .metrics()
            .meters()
            .counter(
                MetricNames.NOTIFICATIONS,
                () -> counts.of(channel, outcome),
                channel.label(),
                outcome.label());
      }
    }
    notifier = new Notifier(NotificationSource.instance(), counts, Clock.systemUTC(), schedule);
  }

  /** Adds the counters; does not check yet. */
  public static Notifications of(NotificationSource source, Schedule schedule) {
    return new Notifications(source, schedule.part());
  }

  /** Starts checking. */
  public void begin() {
    schedule.every(PERIOD, "the check of conditions", this::look);
    schedule.every(REPORTS, "the weekly report", () -> WeeklyReports.sendDue(source, counts));
  }

  private void look() {
    NotifyConfig wanted = source.config().notifications();
    if (!Objects.equals(wanted, used)) {
      notifier.replace(source.deliveries(), wanted == null ? 1 : wanted.maxPerHour());
      used = wanted;
    }
    if (wanted != null) {
      notifier.check(source.conditions());
    }
  }

  @Override
  public void close() {
    schedule.close();
    notifier.close();
  }
}
