package org.tlsuplift.proxy.signin.limits;

import java.util.concurrent.TimeUnit;

/** The messages of the last 60 seconds, as a ring buffer of times. Not thread-safe. */
final class MessageWindow {
  static final long NANOS = TimeUnit.SECONDS.toNanos(60);

  private long[] times;
  private int oldest;
  private int count;

  MessageWindow(int messages) {
    times = new long[messages];
  }

  /** Sets another limit; the latest messages still count. */
  void limit(int messages) {
    long[] latest = new long[messages];
    int kept = Math.min(count, messages);
    for (int i = 0; i < kept; i++) {
      latest[i] = times[(oldest + count - kept + i) % times.length];
    }
    times = latest;
    oldest = 0;
    count = kept;
  }

  /** Counts a message if the limit allows it. */
  boolean take(long now) {
    forget(now);
    if (count == times.length) {
      return false;
    }
    times[(oldest + count) % times.length] = now;
    count++;
    return true;
  }

  /** Nanoseconds until the next message is allowed; zero or less if it is allowed now. */
  long untilRoom(long now) {
    forget(now);
    return count < times.length ? 0 : NANOS - (now - times[oldest]);
  }

  /** Nanoseconds until the window is empty; zero or less if it is empty now. */
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
