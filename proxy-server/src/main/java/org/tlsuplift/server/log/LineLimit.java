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
 * Lets so many lines of each {@link LineCause} through in a minute, and counts the others. The
 * minute begins with the first line.
 *
 * <p>Debug lines are not limited: an operator who switches them on wants all. It tells {@value
 * #CAUSES} causes apart within a minute; beyond that, all devices share one budget for each kind of
 * line, and beyond twice as many there is one for all. Thread-safe, never blocks.
 */
final class LineLimit {
  static final int CAUSES = 4_096;
  static final Duration WINDOW = Duration.ofMinutes(1);

  private final int perMinute;
  private final LongSupplier nanoTime;
  private final ConcurrentMap<LineCause, Lines> causes = new ConcurrentHashMap<>();
  private final LongAdder leftOut = new LongAdder();

  private record Lines(long since, int seen) {}

  /**
   * Lines that were left out.
   *
   * @param lines how many
   */
  record LeftOut(LineCause cause, int lines) {}

  /**
   * Limits.
   *
   * @param perMinute how many lines of each cause, at least 1
   * @param nanoTime the time, as {@link System#nanoTime} has it
   */
  LineLimit(int perMinute, LongSupplier nanoTime) {
    this.perMinute = perMinute;
    this.nanoTime = nanoTime;
  }

  /** Whether a line is to be written; counts it if not. */
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

  /** How many lines were left out since the start; never falls. */
  long leftOut() {
    return leftOut.sum();
  }

  /** Ends the minutes that are over, and gives the causes of which lines were left out. */
  List<LeftOut> endMinutes() {
    return end(nanoTime.getAsLong() - WINDOW.toNanos());
  }

  /** The same of all minutes. */
  List<LeftOut> endAll() {
    return end(nanoTime.getAsLong());
  }

  private List<LeftOut> end(long latest) {
    List<LeftOut> ended = new ArrayList<>();
    causes.forEach(
        (cause, lines) -> {
          if (lines.since - latest <= 0) {
            // It may have seen more lines since, but none after this.
            Lines last = causes.remove(cause);
            if (last != null && last.seen > perMinute) {
              ended.add(new LeftOut(cause, last.seen - perMinute));
            }
          }
        });
    return ended;
  }
}
