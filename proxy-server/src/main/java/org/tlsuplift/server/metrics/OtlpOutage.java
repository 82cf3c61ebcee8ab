package org.tlsuplift.server.metrics;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Decides what is said about a receiver that is away: at once, then once an hour, and when it is
 * back.
 *
 * <p>One thread exports, so no lock is held here.
 */
final class OtlpOutage {
  private static final Duration REMINDER = Duration.ofHours(1);

  private @Nullable Instant told;
  private boolean toldOfThis;
  private long failures;

  /** What to warn of after an export that failed. */
  Optional<String> failed(String trouble, Instant now) {
    failures++;
    if (told != null && now.isBefore(told.plus(REMINDER))) {
      return Optional.empty();
    }
    told = now;
    toldOfThis = true;
    return Optional.of(
        trouble + (failures == 1 ? "" : " (" + failures + " exports failed in a row)"));
  }

  /** What to log after an export that succeeded; an outage without a log line ends without one. */
  Optional<String> worked() {
    Optional<String> news =
        toldOfThis
            ? Optional.of("again, after " + failures + " that failed")
            : Optional.<String>empty();
    toldOfThis = false;
    failures = 0;
    return news;
  }

  /** Whether the last export failed. */
  boolean isOn() {
    return failures > 0;
  }
}
