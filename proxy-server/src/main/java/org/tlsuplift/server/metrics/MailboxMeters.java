package org.tlsuplift.server.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import org.tlsuplift.proxy.signin.limits.MailboxObserver;

/** The meters of mailboxes' lines, each resolved once and from zero. Thread-safe. */
final class MailboxMeters implements MailboxObserver {
  private final Map<Line, Timer> waits = new EnumMap<>(Line.class);
  private final Map<Line, Map<Cause, Counter>> refusals = new EnumMap<>(Line.class);

  MailboxMeters(MeterRegistry registry) {
    for (Line line : Line.values()) {
      waits.put(line, MetricNames.MAILBOX_WAIT_TIME.timer(registry, Buckets.WAIT, line.label()));
      Map<Cause, Counter> causes = new EnumMap<>(Cause.class);
      for (Cause cause : Cause.values()) {
        causes.put(
            cause, MetricNames.MAILBOX_REFUSALS.counter(registry, line.label(), cause.label()));
      }
      refusals.put(line, causes);
    }
  }

  @Override
  public void given(Line line, Duration waited) {
    Timer timer = waits.get(line);
    if (timer != null) {
      timer.record(waited);
    }
  }

  @Override
  public void refused(Line line, Cause cause) {
    Counter counter = refusals.getOrDefault(line, Map.of()).get(cause);
    if (counter != null) {
      counter.increment();
    }
  }
}
