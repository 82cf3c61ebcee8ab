package org.tlsuplift.server.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import org.tlsuplift.proxy.signin.limits.MailboxObserver;

/** The meters of mailbox limits, each resolved once. Thread-safe. */
final class MailboxMeters implements MailboxObserver {
  private final Map<Queue, Timer> waits = new EnumMap<>(Queue.class);
  private final Map<Queue, Map<Cause, Counter>> refusals = new EnumMap<>(Queue.class);

  MailboxMeters(MeterRegistry registry) {
    for (Queue queue : Queue.values()) {
      waits.put(
          queue, MailMetricNames.MAILBOX_WAIT_TIME.timer(registry, Buckets.WAIT, queue.label()));
      Map<Cause, Counter> causes = new EnumMap<>(Cause.class);
      for (Cause cause : Cause.values()) {
        causes.put(
            cause,
            MailMetricNames.MAILBOX_REFUSALS.counter(registry, queue.label(), cause.label()));
      }
      refusals.put(queue, causes);
    }
  }

  @Override
  public void given(Queue queue, Duration waited) {
    Timer timer = waits.get(queue);
    if (timer != null) {
      timer.record(waited);
    }
  }

  @Override
  public void refused(Queue queue, Cause cause) {
    Counter counter = refusals.getOrDefault(queue, Map.of()).get(cause);
    if (counter != null) {
      counter.increment();
    }
  }
}
