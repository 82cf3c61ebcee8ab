package org.tlsuplift.server.inventory;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Everything that is known about a device.
 *
 * @param device what a list shows
 * @param facts the values that it showed; of each kind, those seen last come first
 * @param days the days on which it was seen, the latest first
 */
public record DeviceHistory(DeviceRecord device, List<Fact> facts, List<Day> days) {
  public DeviceHistory {
    facts = List.copyOf(facts);
    days = List.copyOf(days);
  }

  /**
   * A value that the device showed.
   *
   * @param kind what it is
   * @param value may be any printable text
   * @param firstSeen when it was first seen
   * @param lastSeen when it was last seen
   * @param times how often it was seen
   */
  @JsonPropertyOrder({"value", "times"})
  public record Fact(
      @JsonIgnore FactKind kind, String value, Instant firstSeen, Instant lastSeen, long times) {}

  /**
   * A day of UTC.
   *
   * @param day which
   * @param sessions how many it opened
   * @param legacyHandshakes those that agreed to less than TLS 1.2
   * @param modernHandshakes those that agreed to TLS 1.2 or 1.3
   * @param plaintextSessions those without TLS
   * @param failures sessions that failed
   * @param worstVersion the oldest version agreed to, or null
   */
  public record Day(
      LocalDate day,
      long sessions,
      long legacyHandshakes,
      long modernHandshakes,
      long plaintextSessions,
      long failures,
      @Nullable String worstVersion) {}
}
