package org.tlsuplift.server.inventory.jdbc;

import java.time.Duration;

/**
 * How long to wait before a chore is done again: so long that it takes no more than a share of the
 * time, however large what it looks at has become.
 *
 * @param least after a chore that took next to nothing
 * @param most however long it took
 */
public record Pace(Duration least, Duration most) {
  /** The share of the time: one part in so many. */
  static final int SHARE = 500;

  public static Pace every(Duration period) {
    return new Pace(period, period);
  }

  /** How long to wait after a chore. */
  Duration after(Duration took) {
    Duration fair = took.multipliedBy(SHARE);
    if (fair.compareTo(least) < 0) {
      return least;
    }
    return fair.compareTo(most) > 0 ? most : fair;
  }
}
