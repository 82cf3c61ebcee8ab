package org.tlsuplift.server.inventory.jdbc;

import java.time.Duration;

/**
 * How long to wait until a task runs again: so long that it takes no more than a share of the time,
 * however much data it reads. For one thread.
 *
 * <p>The shorter of the last two durations counts: the first run also loads code, and during any
 * run the machine may be busy with other work.
 */
final class AdaptiveInterval {
  /** The share of the time: one part in so many. */
  private static final int SHARE = 500;

  private final Duration least;
  private final Duration most;
  private Duration before = Duration.ZERO;

  /**
   * Creates one.
   *
   * @param least the wait after a task that took next to no time
   * @param most the longest wait
   */
  AdaptiveInterval(Duration least, Duration most) {
    this.least = least;
    this.most = most;
  }

  /** The wait after a run that succeeded. */
  Duration afterSuccess(Duration took) {
    Duration fair = (took.compareTo(before) < 0 ? took : before).multipliedBy(SHARE);
    before = took;
    if (fair.compareTo(least) < 0) {
      return least;
    }
    return fair.compareTo(most) > 0 ? most : fair;
  }

  /** The wait after a run that failed: it took long only because the database was unreachable. */
  Duration afterFailure() {
    return least;
  }
}
