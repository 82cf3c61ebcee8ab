package org.tlsuplift.server.daemon.watch;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import org.tlsuplift.proxy.outcome.Alert;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.outcome.OriginReply;
import org.tlsuplift.server.feature.Condition;
import org.tlsuplift.server.metrics.ServerMetrics;

/**
 * A critical alert that fires if a counter has grown recently.
 *
 * @param reasons the labels of the ended sessions that it counts
 * @param replies the labels of the replies of origins that it counts
 */
public record CriticalCounter(Alert alert, Set<String> reasons, Set<String> replies) {
  public static final List<CriticalCounter> ALL =
      Arrays.stream(Alert.values())
          .filter(Alert::isCritical)
          .map(
              alert ->
                  new CriticalCounter(
                      alert,
                      alert.labels(CloseReason.values()),
                      alert.labels(OriginReply.values())))
          .toList();

  public CriticalCounter {
    reasons = Set.copyOf(reasons);
    replies = Set.copyOf(replies);
  }

  public Condition condition() {
    return new Condition(alert.kind(), "", alert.summary(), alert.remedy(), Duration.ZERO);
  }

  private double total(ServerMetrics metrics) {
    return metrics.sessions(reasons) + metrics.originReplies(replies);
  }

  /** The growth of one counter in its window. Not thread-safe. */
  public static final class Growth {
    private final CriticalCounter counter;
    private final Deque<Sample> samples = new ArrayDeque<>();

    private record Sample(Instant at, double total) {}

    public Growth(CriticalCounter counter) {
      this.counter = counter;
    }

    public CriticalCounter counter() {
      return counter;
    }

    /** Reads the counter, and returns whether it has grown in the window. */
    public boolean hasGrown(ServerMetrics metrics, Instant now) {
      return hasGrown(counter.total(metrics), now);
    }

    boolean hasGrown(double total, Instant now) {
      while (!samples.isEmpty()
          && samples.getFirst().at().plus(counter.alert().window()).isBefore(now)) {
        samples.removeFirst();
      }
      samples.addLast(new Sample(now, total));
      return total > samples.getFirst().total();
    }
  }
}
