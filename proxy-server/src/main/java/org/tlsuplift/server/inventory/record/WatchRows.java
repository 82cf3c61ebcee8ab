package org.tlsuplift.server.inventory.record;

import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import org.tlsuplift.server.inventory.Inventory;

/**
 * Makes rows each minute that record the observed time of the listeners and the number of dropped
 * sightings. Only in observed time does the absence of a device prove anything. Not thread-safe,
 * except {@link #watch}.
 */
public final class WatchRows {
  private static final Duration EACH = Duration.ofMinutes(1);

  /** A longer gap between two rows, such as a suspended process, is not observed time. */
  private static final Duration MAX_GAP = Duration.ofMinutes(5);

  private volatile List<String> listeners;
  private final Clock clock;
  private final LongAdder dropped;
  private long until = Long.MIN_VALUE;
  private long counted;

  public WatchRows(Set<String> listeners, LongAdder dropped, Clock clock) {
    this.listeners = listeners.stream().sorted().toList();
    this.clock = clock;
    this.dropped = dropped;
  }

  /** Sets other listeners; any thread may call it. */
  public void watch(Set<String> others) {
    listeners = others.stream().sorted().toList();
  }

  /** Whether a minute has passed, or the clock was set back. */
  boolean due() {
    long now = clock.millis();
    return until == Long.MIN_VALUE || now < until || now - until >= EACH.toMillis();
  }

  /** The rows for the time since the last call. */
  public List<Row> take() {
    long to = clock.millis();
    boolean unbroken = until <= to && until >= to - MAX_GAP.toMillis();
    long from = unbroken ? until : to;
    until = to;
    long all = dropped.sum();
    long more = all - counted;
    counted = all;
    List<Row> rows = new ArrayList<>();
    long day = Inventory.DAY.toMillis();
    long last = Math.floorDiv(to, day);
    for (long each = Math.floorDiv(from, day); each <= last; each++) {
      for (String listener : listeners) {
        rows.add(
            Tables.WATCH
                .row()
                .set("listener", listener)
                .set("day", each)
                .set("watched_from", Math.max(from, each * day))
                .set("watched_to", Math.min(to, (each + 1) * day))
                .set("dropped", each == last ? more : 0));
      }
    }
    return rows;
  }
}
