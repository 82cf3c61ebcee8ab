package org.tlsuplift.server.log;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/**
 * Limits the lines of each {@link LineCause} per minute, and counts the others. The minute starts
 * with the first line.
 *
 * <p>Debug lines are not limited, because an operator who enables them needs all of them. Up to
 * {@value #CAUSES} causes have their own limit within a minute. Beyond that, all devices share one
 * limit per message, and beyond twice as many, all lines share one limit. Thread-safe; never
 * blocks.
 */
final class LineLimit {
  static final int CAUSES = 4_096;
  static final Duration WINDOW = Duration.ofMinutes(1);

  private volatile int perMinute;
  private final LongSupplier nanoTime;
  private final ConcurrentMap<LineCause, Lines> causes = new ConcurrentHashMap<>();
  private final LongAdder leftOut = new LongAdder();

  private record Lines(long since, int seen) {}

  /**
   * Lines that were left out.
   *
   * @param lines the number of lines
   */
  record LeftOut(LineCause cause, int lines) {}

  /**
   * Creates a limit.
   *
   * @param perMinute the lines of each cause, at least 1
   * @param nanoTime the clock, such as {@link System#nanoTime}
   */
  LineLimit(int perMinute, LongSupplier nanoTime) {
    this.perMinute = perMinute;
    this.nanoTime = nanoTime;
  }

  /** Sets another number of lines per cause. */
  void limit(int otherPerMinute) {
    perMinute = otherPerMinute;
  }

  /** Whether a line may be written; counts it if not. */
  boolean admits(ILoggingEvent event) {
    if (!event.getLevel().isGreaterOrEqual(Level.INFO)) {
      return true;
    }
    LineCause cause = LineCause.of(event);
    Lines lines =
        causes.compute(
            hasRoom(cause, CAUSES)
                ? cause
                : hasRoom(cause.ofOthers(), 2 * CAUSES) ? cause.ofOthers() : LineCause.ALL_OTHERS,
            (same, before) ->
                before == null
                    ? new Lines(nanoTime.getAsLong(), 1)
                    : new Lines(before.since, before.seen + 1));
    if (lines.seen <= perMinute) {
      return true;
    }
    leftOut.increment();
    return false;
  }

  private boolean hasRoom(LineCause cause, int most) {
    return causes.size() < most || causes.containsKey(cause);
  }

  /** The number of lines that were left out since the start; never decreases. */
  long leftOut() {
    return leftOut.sum();
  }

  /** Ends the minutes that have passed. Returns the causes with lines that were left out. */
  List<LeftOut> endMinutes() {
    return end(nanoTime.getAsLong() - WINDOW.toNanos());
  }

  /** Ends all minutes. Returns the causes with lines that were left out. */
  List<LeftOut> endAll() {
    return end(nanoTime.getAsLong());
  }

  private List<LeftOut> end(long latest) {
    List<LeftOut> ended = new ArrayList<>();
    causes.forEach(
        (cause, lines) -> {
          if (lines.since - latest <= 0) {
            // Another thread may have counted since; the removed entry is final.
            Lines last = causes.remove(cause);
            if (last != null && last.seen > perMinute) {
              ended.add(new LeftOut(cause, last.seen - perMinute));
            }
          }
        });
    return ended;
  }
}
