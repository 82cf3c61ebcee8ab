package org.tlsuplift.server.inventory.record;

/** The tables of the inventory: their columns, each with its merge rule. */
public final class Tables {
  /** The worst version of a device that has never agreed on a version. */
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
          // Groups of latest values, each with its time.
          .latest("agreed_at", 1, "agreed_suite", "agreed_version")
          .latest("hello_at", 2, "ja4", "server_name", "offered_version")
          .latest("introduced_at", 1, "introduction")
          .latest("failed_at", 1, "failure")
          .greatest("trusted_at", "distrusted_at")
          // The evidence for the verdict: the times of the latest sessions of each kind.
          .latest("too_old_at", 0, "too_old_version")
          .greatest("plaintext_at", "only_rsa_at", "no_suite_at", "ready_at", "shown_at")
          // The latest failed handshakes with each key of the CA.
          .greatest("ec_failed_at", "rsa_failed_at");

  /** Kinds with several values for each device, with times and counts. */
  public static final MergeTable FACT =
      new MergeTable("device_fact")
          .keys("address", "kind", "value")
          .least(Long.MAX_VALUE, "first_seen")
          .greatest("last_seen")
          .add("times");

  /** The latest time of each problem and each success of a device at an origin. */
  public static final MergeTable ORIGIN =
      new MergeTable("device_origin")
          .keys("address", "origin", "kind", "value")
          .greatest("last_seen");

  /** The totals of a device on one UTC day; days count from 1970-01-01. */
  public static final MergeTable DAY =
      new MergeTable("device_day")
          .keys("address")
          .numberKeys("day")
          .add("sessions", "legacy", "modern", "plaintext", "failures")
          .least(NO_VERSION, "worst_version");

  /** The totals of a listener in one period; times in seconds. */
  public static final MergeTable SLOT =
      new MergeTable("listener_slot")
          .keys("listener")
          .numberKeys("width", "start")
          .add("sessions", "legacy", "modern", "plaintext", "failures", "bytes_up", "bytes_down");

  /** The needs of a device at a listener, with the number of sessions. */
  public static final MergeTable NEED =
      new MergeTable("device_need")
          .keys("address", "listener", "need")
          .ofKey("address_key")
          .least(Long.MAX_VALUE, "first_seen")
          .greatest("last_seen")
          .add("times");

  /** The observed time of a listener on one UTC day; times in milliseconds since the epoch. */
  public static final MergeTable WATCH =
      new MergeTable("listener_watch")
          .keys("listener")
          .numberKeys("day")
          .least(Long.MAX_VALUE, "watched_from")
          .greatest("watched_to")
          .add("dropped");

  /** The messages of a device on one UTC day, by outcome; days count from 1970-01-01. */
  public static final MergeTable MESSAGE_DAY =
      new MergeTable("message_day")
          .keys("address")
          .numberKeys("day")
          .add("accepted", "deferred", "rejected", "refused", "abandoned", "bytes")
          .greatest("accepted_at");

  private Tables() {}
}
