package org.tlsuplift.proxy.signin.limits;

import java.util.concurrent.TimeUnit;

/** The messages of the last 60 seconds, as a ring of times. Not thread-safe. */
final class MessageWindow {
  /** Messages are counted within a window of this length, which moves with the time. */
  static final long NANOS = TimeUnit.SECONDS.toNanos(60);

  private final long[] times;
  private int oldest;
  private int count;

  MessageWindow(int messages) {
    times = new long[messages];
  }

  /** Counts a message, if there is room for one. */
  boolean take(long now) {
    forget(now);
    if (count == times.length) {
      return false;
    }
    times[(oldest + count) % times.length] = now;
    count++;
    return true;
  }

  /** How long until there is room for a message; zero or less when there is. */
  long untilRoom(long now) {
    forget(now);
    return count < times.length ? 0 : NANOS - (now - times[oldest]);
  }

  /** How long until all is forgotten; zero or less when it is. */
  long untilEmpty(long now) {
    forget(now);
    return count == 0 ? 0 : NANOS - (now - times[(oldest + count - 1) % times.length]);
  }

  private void forget(long now) {
    while (count > 0 && now - times[oldest] >= NANOS) {
      oldest = (oldest + 1) % times.length;
      count--;
    }
  }
}
