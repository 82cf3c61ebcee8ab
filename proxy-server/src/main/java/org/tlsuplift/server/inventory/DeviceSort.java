package org.tlsuplift.server.inventory;

import java.time.Instant;
import org.tlsuplift.proxy.model.Labelled;

/** The order of devices. */
public enum DeviceSort implements Labelled.WithDashes {
  /** Numerically. */
  ADDRESS("device.address_key"),
  /** Devices without a name come first. */
  NAME("device.name"),
  OWNER("device.owner"),
  PLACE("device.place"),
  /** The worst first. */
  VERDICT(""),
  FIRST_SEEN("device.first_seen"),
  LAST_SEEN("device.last_seen"),
  WORST_VERSION("device.worst_version"),
  SESSIONS("device.sessions"),
  LEGACY("device.legacy"),
  FAILURES("device.failures"),
  BYTES("device.bytes_up + device.bytes_down");

  private final String sql;

  DeviceSort(String sql) {
    this.sql = sql;
  }

  /**
   * The direction that a person has written.
   *
   * @throws IllegalArgumentException if it is another word
   */
  public static boolean isDescending(String word) {
    return switch (word) {
      case "asc" -> false;
      case "desc" -> true;
      default -> throw FilterWords.wrong(word, "asc, desc");
    };
  }

  /** The ORDER BY clause of a query. The address decides between equal devices. */
  public String clause(boolean descending, VerdictRules rules, Instant now) {
    String direction = descending ? " DESC" : "";
    return " ORDER BY %s%s, device.address_key%s"
        .formatted(this == VERDICT ? rank(rules, now) : sql, direction, direction);
  }

  /** An SQL expression that ranks verdicts in the order of the enum. */
  private static String rank(VerdictRules rules, Instant now) {
    StringBuilder rank = new StringBuilder("CASE ").append(rules.sql(now));
    int place = 0;
    for (Verdict verdict : Verdict.values()) {
      rank.append(" WHEN ").append(verdict.quoted()).append(" THEN ").append(place++);
    }
    return rank.append(" END").toString();
  }
}
