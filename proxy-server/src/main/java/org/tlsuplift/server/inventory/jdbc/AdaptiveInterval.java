package org.tlsuplift.server.inventory.jdbc;

import java.time.Duration;

/**
 * Computes the wait before a task runs again, so that the task uses no more than a share of the
 * time, however much data it reads. Not thread-safe.
 *
 * <p>The shorter of the last two run times counts, because the first run also loads classes and
 * other work on the machine can slow down any run.
 */
final class AdaptiveInterval {
  /** The wait is this many times the run time. */
  private static final int SHARE = 500;

  private final Duration least;
  private final Duration most;
  private Duration before = Duration.ZERO;

  /**
   * Sets the bounds of the wait.
   *
   * @param least the shortest wait
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

  /**
   * The wait after a failed run. Its duration does not count, because the database was unreachable.
   */
  Duration afterFailure() {
    return least;
  }
}
