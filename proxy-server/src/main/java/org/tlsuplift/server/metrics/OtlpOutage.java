package org.tlsuplift.server.metrics;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Decides what to log about an unreachable receiver: a warning at once and then every hour, and a
 * line after the outage.
 *
 * <p>Not thread-safe: only the exporting thread uses it.
 */
final class OtlpOutage {
  private static final Duration REMINDER = Duration.ofHours(1);

  private @Nullable Instant reportedAt;
  private boolean isReported;
  private long failures;

  /** The warning after a failed export; empty for none. */
  Optional<String> failed(String trouble, Instant now) {
    failures++;
    if (reportedAt != null && now.isBefore(reportedAt.plus(REMINDER))) {
      return Optional.empty();
    }
    reportedAt = now;
    isReported = true;
    return Optional.of(
        trouble + (failures == 1 ? "" : " (" + failures + " exports failed in a row)"));
  }

  /** The line after a successful export. An outage without a warning ends without a line. */
  Optional<String> worked() {
    Optional<String> news =
        isReported ? Optional.of("again; failed exports: " + failures) : Optional.<String>empty();
    isReported = false;
    failures = 0;
    return news;
  }

  boolean isOn() {
    return failures > 0;
  }
}
