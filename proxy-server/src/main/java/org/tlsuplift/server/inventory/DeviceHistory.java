package org.tlsuplift.server.inventory;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A device with its history.
 *
 * @param facts of each kind, the latest first
 * @param days the latest first
 */
public record DeviceHistory(DeviceRecord device, List<Fact> facts, List<Day> days) {
  public DeviceHistory {
    facts = List.copyOf(facts);
    days = List.copyOf(days);
  }

  /**
   * A value that the device showed.
   *
   * @param value may contain any printable text
   */
  @JsonPropertyOrder({"value", "times"})
  public record Fact(
      @JsonIgnore FactKind kind, String value, Instant firstSeen, Instant lastSeen, long times) {}

  /**
   * A day of UTC.
   *
   * @param legacyHandshakes below TLS 1.2
   * @param modernHandshakes with TLS 1.2 or 1.3
   * @param plaintextSessions without TLS
   * @param failures sessions that failed
   * @param worstVersion the oldest agreed version, or null
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
