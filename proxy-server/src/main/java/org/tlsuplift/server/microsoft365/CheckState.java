package org.tlsuplift.server.microsoft365;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What is known of earlier checks.
 *
 * @param checked when the web service was last asked, or null for never
 * @param confirmed when it last said that {@code version} is the latest, or null for never
 * @param version the version that it confirmed, or null
 * @param notBefore when it may be asked again after it refused a request, or null
 */
public record CheckState(
    @Nullable Instant checked,
    @Nullable Instant confirmed,
    @Nullable ListVersion version,
    @Nullable Instant notBefore) {
  /** How long the web service wants no request after it refused one. */
  static final Duration TOO_MANY = Duration.ofHours(1);

  public static final CheckState NONE = new CheckState(null, null, null, null);

  CheckState askedAt(Instant now) {
    return new CheckState(now, confirmed, version, notBefore);
  }

  CheckState confirming(ListVersion current, Instant now) {
    return new CheckState(checked, now, current, null);
  }

  CheckState refused(Instant now) {
    return new CheckState(checked, confirmed, version, now.plus(TOO_MANY));
  }

  /** Whether no request may be sent now. A clock that was set back does not prolong the wait. */
  boolean isRefused(Instant now) {
    return notBefore != null && now.isBefore(notBefore) && !notBefore.isAfter(now.plus(TOO_MANY));
  }

  /**
   * Whether it is time for a check.
   *
   * @param interval between two checks
   */
  public boolean isDue(Duration interval, Instant now) {
    return !isRefused(now)
        && (checked == null || checked.isAfter(now) || !now.isBefore(checked.plus(interval)));
  }

  /** Since when a list is known to be current: the last confirmation, or else its own date. */
  public Instant currentAt(PublishedList list) {
    Instant own = list.fetched() == null ? list.version().published() : list.fetched();
    return confirmed != null && list.version().equals(version) && confirmed.isAfter(own)
        ? confirmed
        : own;
  }
}
