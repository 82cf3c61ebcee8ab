package org.tlsuplift.server.daemon.reload;

import io.netty.util.concurrent.DefaultThreadFactory;
import java.time.Clock;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tlsuplift.server.config.NotifyConfig;
import org.tlsuplift.server.daemon.NotificationSource;
import org.tlsuplift.server.metrics.MetricNames;
import org.tlsuplift.server.notify.Delivery.Channel;
import org.tlsuplift.server.notify.NotificationCounts;
import org.tlsuplift.server.notify.NotificationCounts.Outcome;
import org.tlsuplift.server.notify.Notifier;

/**
 * Notifies operators about the critical conditions of a running daemon. Checks them every 5
 * seconds, on its own thread, and follows reloads.
 */
public final class Notifications implements AutoCloseable {
  private static final Duration PERIOD = Duration.ofSeconds(5);
  private static final Logger log = LoggerFactory.getLogger(Notifications.class);

  private final NotificationSource source;
  private final Notifier notifier;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(new DefaultThreadFactory("uplift-notify", true));
  private @Nullable NotifyConfig used;

  private Notifications(NotificationSource source) {
    this.source = source;
    NotificationCounts counts = new NotificationCounts();
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
    notifier = new Notifier(NotificationSource.instance(), counts, Clock.systemUTC());
  }

  /** Adds the counters; does not check yet. */
  public static Notifications of(NotificationSource source) {
    return new Notifications(source);
  }

  /** Starts checking. */
  public void begin() {
    begin(PERIOD);
  }

  /**
   * Starts checking.
   *
   * @param period from one check to the next
   */
  public void begin(Duration period) {
    var unused =
        thread.scheduleWithFixedDelay(
            this::lookSafely, 0, period.toMillis(), TimeUnit.MILLISECONDS);
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

  /** An exception would end the schedule. */
  private void lookSafely() {
    try {
      look();
    } catch (RuntimeException fault) {
      log.error("the check of conditions failed", fault);
    }
  }

  @Override
  public void close() {
    thread.shutdownNow();
    notifier.close();
  }
}
