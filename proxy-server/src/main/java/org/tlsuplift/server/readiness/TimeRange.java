package org.tlsuplift.server.readiness;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.Locale;
import org.tlsuplift.server.inventory.Inventory;

/** The time range of the overview. */
public enum TimeRange {
  HOUR("Last hour", "five minutes", Inventory.FINE, Inventory.FINE, 12, "d MMM HH:mm"),
  DAY("Last 24 hours", "hours", Inventory.FINE, Duration.ofHours(1), 24, "d MMM HH:mm"),
  MONTH("Last 30 days", "days of UTC", Inventory.DAY, Inventory.DAY, 30, "d MMM");

  private final String label;
  private final String unit;
  private final Duration read;
  private final Duration width;
  private final int stretches;
  private final DateTimeFormatter format;

  TimeRange(
      String label, String unit, Duration read, Duration width, int stretches, String format) {
    this.label = label;
    this.unit = unit;
    this.read = read;
    this.width = width;
    this.stretches = stretches;
    this.format = DateTimeFormatter.ofPattern(format, Locale.ENGLISH).withZone(ZoneOffset.UTC);
  }

  /** The range with this word; the last 24 hours for any other word. */
  public static TimeRange of(String word) {
    return Arrays.stream(values())
        .filter(timeRange -> timeRange.word().equals(word))
        .findAny()
        .orElse(DAY);
  }

  /** The word in addresses of pages. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  public String label() {
    return label;
  }

  public String unit() {
    return unit;
  }

  /** The width of the inventory's totals to read. */
  Duration read() {
    return read;
  }

  int stretches() {
    return stretches;
  }

  /** The start of the first interval; the last one has not ended yet. */
  public Instant from(Instant now) {
    long step = width.toSeconds();
    long current = Math.floorDiv(now.getEpochSecond(), step) * step;
    return Instant.ofEpochSecond(current - (stretches - 1L) * step);
  }

  int index(Instant from, Instant moment) {
    return (int) (Duration.between(from, moment).toSeconds() / width.toSeconds());
  }

  Instant start(Instant from, int index) {
    return from.plus(width.multipliedBy(index));
  }

  public String name(Instant start) {
    return format.format(start);
  }
}
