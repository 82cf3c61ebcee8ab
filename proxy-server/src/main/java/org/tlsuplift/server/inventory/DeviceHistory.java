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
 * @param facts values of each kind, the latest first
 * @param days the latest first
 */
public record DeviceHistory(DeviceRecord device, List<Fact> facts, List<Day> days) {
  public DeviceHistory {
    facts = List.copyOf(facts);
    days = List.copyOf(days);
  }

  /**
   * A value from the device's sessions.
   *
   * @param value may contain any printable text
   */
  @JsonPropertyOrder({"value", "times"})
  public record Fact(
      @JsonIgnore FactKind kind, String value, Instant firstSeen, Instant lastSeen, long times) {}

  /**
   * The totals of one UTC day.
   *
   * @param legacyHandshakes handshakes below TLS 1.2
   * @param modernHandshakes handshakes with TLS 1.2 or 1.3
   * @param plaintextSessions sessions without TLS
   * @param failures failed sessions
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
