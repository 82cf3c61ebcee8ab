package org.tlsuplift.server.background;

import java.time.Duration;

/**
 * Waits that double after each failure.
 *
 * @param first the wait after the first failure
 * @param longest no wait is longer
 */
public record Backoff(Duration first, Duration longest) {
  private static final int MAX_DOUBLINGS = 62;

  /**
   * The wait after a number of failures in a row.
   *
   * @param failures at least one
   */
  public Duration after(int failures) {
    int doublings = Math.min(failures - 1, MAX_DOUBLINGS);
    return first.toNanos() > longest.toNanos() >> doublings
        ? longest
        : first.multipliedBy(1L << doublings);
  }
}
