package org.tlsuplift.server.inventory;

import java.time.Duration;
import java.time.Instant;

/**
 * The rules for verdicts.
 *
 * @param readyAfter without a need
 * @param notSeenAfter since a device was last seen
 */
public record VerdictRules(Duration readyAfter, Duration notSeenAfter) {
  public static VerdictRules defaults() {
    return new VerdictRules(Duration.ofDays(7), Duration.ofDays(30));
  }

  /**
   * Judges a device.
   *
   * <p>The latest evidence counts, and so does each need that it showed within {@code readyAfter}:
   * an old and a new program can share an address. Of several needs the worst counts.
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

  /** A need that was shown from this moment on, in milliseconds, stands against a switch-off. */
  public long needed(Instant now) {
    return Math.min(recent(now), gone(now));
  }

  /** Whether a device refuses our CA, as a condition of SQL over its columns. */
  public String refusesCa(Instant now) {
    return "device.distrusted_at > 0 AND device.distrusted_at >= device.trusted_at AND NOT"
        + " (device.failure = '"
        + Failures.LEFT_UNUSED
        + "' AND device.failed_at >= device.distrusted_at) AND device.last_seen >= "
        + gone(now);
  }

  /** A device that was last seen before this moment is gone. */
  long gone(Instant now) {
    return now.toEpochMilli() - notSeenAfter.toMillis();
  }

  /** A need that was shown from this moment on counts. */
  long recent(Instant now) {
    return now.toEpochMilli() - readyAfter.toMillis();
  }

  /** As {@link #judge}, as an SQL expression over the columns of a device. */
  public String sql(Instant now) {
    StringBuilder sql =
        new StringBuilder("CASE WHEN device.last_seen < " + gone(now) + " THEN ")
            .append(Verdict.NOT_SEEN.quoted());
    for (Verdict need : Verdict.NEEDS) {
      String at = "device." + need.column();
      sql.append(" WHEN ")
          .append(at)
          .append(" > 0 AND (")
          .append(at)
          .append(" = device.shown_at OR ")
          .append(at)
          .append(" >= ")
          .append(recent(now))
          .append(") THEN ")
          .append(need.quoted());
    }
    return sql.append(" WHEN device.ready_at > 0 THEN ")
        .append(Verdict.READY.quoted())
        .append(" ELSE ")
        .append(Verdict.UNKNOWN.quoted())
        .append(" END")
        .toString();
  }

  /**
   * When a device last showed each thing on which its verdict depends, in milliseconds; 0 for
   * never.
   *
   * @param lastSeen when it was last seen at all
   * @param plaintext it continued without TLS
   * @param tooOld it offered nothing from TLS 1.2 up
   * @param onlyRsa it offered TLS 1.2 with TLS_RSA alone
   * @param noSuite it offered TLS 1.2 with nothing that Microsoft 365 accepts
   * @param ready it offered what Microsoft 365 accepts
   */
  public record LastShown(
      long lastSeen, long plaintext, long tooOld, long onlyRsa, long noSuite, long ready) {
    /** When it last showed that need. */
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

    /** When it last showed anything. */
    long latest() {
      return Math.max(Math.max(Math.max(plaintext, tooOld), Math.max(onlyRsa, noSuite)), ready);
    }
  }
}
