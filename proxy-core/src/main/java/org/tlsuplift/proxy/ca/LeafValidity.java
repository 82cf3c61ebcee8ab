package org.tlsuplift.proxy.ca;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * From when to when a leaf is valid, and when it is to be replaced.
 *
 * <p>A leaf starts as early as its issuers do, by default on 1 January 2000, so that a device whose
 * clock was reset accepts it. Apple's systems refuse leaves of user-installed roots that start
 * after 1 July 2019 and last longer than 825 days (support.apple.com/103769); an older start is
 * exempt. Below a CA that is itself younger, a leaf therefore lasts 825 days at most.
 */
record LeafValidity(Instant start, Instant end, Instant renewAt) {
  private static final Instant APPLE_RULE = Instant.parse("2019-07-01T00:00:00Z");
  private static final Duration APPLE_MAX = Duration.ofDays(825);

  /**
   * Fits a leaf into its issuers' validity.
   *
   * @param issuersEnd after now
   */
  static LeafValidity of(Instant now, Duration lifetime, Instant issuersStart, Instant issuersEnd) {
    Instant end = now.plus(lifetime).truncatedTo(ChronoUnit.SECONDS);
    if (end.isAfter(issuersEnd)) {
      end = issuersEnd;
    }
    Instant start = issuersStart;
    if (start.isAfter(APPLE_RULE) && start.isBefore(end.minus(APPLE_MAX))) {
      start = end.minus(APPLE_MAX);
    }
    return new LeafValidity(start, end, now.plus(Duration.between(now, end).dividedBy(2)));
  }
}
