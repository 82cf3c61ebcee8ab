package org.tlsuplift.server.inventory.record;

/** The tables that are written: their columns, each with its merge rule. */
public final class Tables {
  /** The worst version of a device that has not agreed to any. */
  static final long NO_VERSION = 0xffff;

  /** One row for each device. */
  public static final MergeTable DEVICE =
      new MergeTable("device")
          .keys("address")
          .ofKey("address_key")
          .least(Long.MAX_VALUE, "first_seen")
          .greatest("last_seen")
          .add("sessions", "bytes_up", "bytes_down", "legacy", "modern", "plaintext", "failures")
          .add("ssl2_hellos")
          .least(NO_VERSION, "worst_version")
          // The latest values of several kinds, each with its time.
          .latest("agreed_at", 1, "agreed_suite", "agreed_version")
          .latest("hello_at", 2, "ja4", "server_name", "offered_version")
          .latest("introduced_at", 1, "introduction")
          .latest("failed_at", 1, "failure")
          .greatest("trusted_at", "distrusted_at")
          // The evidence for the verdict: when the device last showed each ability.
          .latest("too_old_at", 0, "too_old_version")
          .greatest("plaintext_at", "only_rsa_at", "no_suite_at", "ready_at", "shown_at");

  /** Values of which a device can show several, with their times and counts. */
  public static final MergeTable FACT =
      new MergeTable("device_fact")
          .keys("address", "kind", "value")
          .least(Long.MAX_VALUE, "first_seen")
          .greatest("last_seen")
          .add("times");

  /** A day of a device; days are those of UTC, counted from 1970. */
  public static final MergeTable DAY =
      new MergeTable("device_day")
          .keys("address")
          .numberKeys("day")
          .add("sessions", "legacy", "modern", "plaintext", "failures")
          .least(NO_VERSION, "worst_version");

  /** Totals of a listener for a stretch of time; times in seconds. */
  public static final MergeTable SLOT =
      new MergeTable("listener_slot")
          .keys("listener")
          .numberKeys("width", "start")
          .add("sessions", "legacy", "modern", "plaintext", "failures", "bytes_up", "bytes_down");

  /** What a device needed at a listener, and how often it showed that. */
  public static final MergeTable NEED =
      new MergeTable("device_need")
          .keys("address", "listener", "need")
          .ofKey("address_key")
          .least(Long.MAX_VALUE, "first_seen")
          .greatest("last_seen")
          .add("times");

  /** A day on which a listener was watched, in milliseconds. */
  public static final MergeTable WATCH =
      new MergeTable("listener_watch")
          .keys("listener")
          .numberKeys("day")
          .least(Long.MAX_VALUE, "watched_from")
          .greatest("watched_to")
          .add("dropped");

  private Tables() {}
}
