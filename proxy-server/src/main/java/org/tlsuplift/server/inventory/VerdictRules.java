package org.tlsuplift.server.inventory;

import java.time.Duration;
import java.time.Instant;
import java.util.stream.Collectors;

/**
 * The rules for verdicts.
 *
 * @param readyAfter a need counts for this time after its last session
 * @param notSeenAfter a device counts as not seen after this time without a session
 */
public record VerdictRules(Duration readyAfter, Duration notSeenAfter) {
  public static VerdictRules defaults() {
    return new VerdictRules(Duration.ofDays(7), Duration.ofDays(30));
  }

  /**
   * Judges a device.
   *
   * <p>The latest evidence counts, and each need within {@code readyAfter}, because an old and a
   * new program can share an address. The worst of several needs decides.
   */
  public Verdict judge(LastShown shown, Instant now) {
    if (shown.lastSeen() < gone(now)) {
      return Verdict.NOT_SEEN;
    }
    for (Verdict need : Verdict.NEEDS) {
      long at = shown.at(need);
      if (at > 0 && (at == shown.latest() || at >= recent(now))) {
        return need;
      }
    }
    return shown.ready() > 0 ? Verdict.READY : Verdict.UNKNOWN;
  }

  /** Needs prevent a switch-off from this moment on, in milliseconds since the epoch. */
  public long needed(Instant now) {
    return Math.min(recent(now), gone(now));
  }

  /** An SQL condition that a device was seen recently and does not trust our CA. */
  public String refusesCa(Instant now) {
    return """
        device.distrusted_at > 0 AND device.distrusted_at >= device.trusted_at
        AND NOT (device.failure = '%s' AND device.failed_at >= device.distrusted_at)
        AND device.last_seen >= %s"""
        .formatted(Failures.LEFT_UNUSED, gone(now));
  }

  /**
   * A device that was last seen before this moment counts as not seen; in milliseconds since the
   * epoch.
   */
  long gone(Instant now) {
    return now.toEpochMilli() - notSeenAfter.toMillis();
  }

  /** Needs count from this moment on, in milliseconds since the epoch. */
  long recent(Instant now) {
    return now.toEpochMilli() - readyAfter.toMillis();
  }

  /** The rule of {@link #judge} as an SQL expression over the columns of a device. */
  public String sql(Instant now) {
    String needs =
        Verdict.NEEDS.stream()
            .map(
                need ->
                    " WHEN device.%1$s > 0 AND (device.%1$s = device.shown_at OR device.%1$s >= %2$s) THEN %3$s"
                        .formatted(need.column(), recent(now), need.quoted()))
            .collect(Collectors.joining());
    return "CASE WHEN device.last_seen < %s THEN %s%s WHEN device.ready_at > 0 THEN %s ELSE %s END"
        .formatted(
            gone(now),
            Verdict.NOT_SEEN.quoted(),
            needs,
            Verdict.READY.quoted(),
            Verdict.UNKNOWN.quoted());
  }

  /**
   * The times of the latest evidence about a device, in milliseconds since the epoch; 0 for never.
   *
   * @param lastSeen the latest session of any kind
   * @param plaintext the device continued without TLS
   * @param tooOld the device offered nothing from TLS 1.2 up
   * @param onlyRsa the device offered TLS 1.2 with only TLS_RSA suites
   * @param noSuite the device offered TLS 1.2 with no suite that Microsoft 365 accepts
   * @param ready the device offered a suite that Microsoft 365 accepts
   */
  public record LastShown(
      long lastSeen, long plaintext, long tooOld, long onlyRsa, long noSuite, long ready) {
    /** The time of the latest evidence for this verdict. */
    long at(Verdict need) {
      return switch (need) {
        case NO_ENCRYPTION -> plaintext;
        case TOO_OLD -> tooOld;
        case ONLY_TLS_RSA -> onlyRsa;
        case NO_ACCEPTED_SUITE -> noSuite;
        case READY -> ready;
        case NOT_SEEN, UNKNOWN -> 0;
      };
    }

    /** The time of the latest evidence of any kind. */
    long latest() {
      return Math.max(Math.max(Math.max(plaintext, tooOld), Math.max(onlyRsa, noSuite)), ready);
    }
  }
}
