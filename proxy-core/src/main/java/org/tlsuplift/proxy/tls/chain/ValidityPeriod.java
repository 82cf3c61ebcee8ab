package org.tlsuplift.proxy.tls.chain;

import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The validity of an OCSP response or CRL, from thisUpdate to nextUpdate. Clocks may differ by five
 * minutes.
 *
 * @param until the time of the issuer's next update
 */
record ValidityPeriod(Instant from, Instant until) {
  private static final Duration SKEW = Duration.ofMinutes(5);

  /** The validity without nextUpdate. */
  private static final Duration UNLIMITED = Duration.ofDays(1);

  static ValidityPeriod of(Date from, @Nullable Date until) {
    Instant start = from.toInstant();
    return new ValidityPeriod(start, until == null ? start.plus(UNLIMITED) : until.toInstant());
  }

  Optional<String> objection(Instant now) {
    if (from.isAfter(now.plus(SKEW))) {
      return Optional.of("is not valid until " + from + "; check this machine's clock");
    }
    return until.isBefore(now.minus(SKEW))
        ? Optional.of("has expired (" + until + ")")
        : Optional.empty();
  }
}
