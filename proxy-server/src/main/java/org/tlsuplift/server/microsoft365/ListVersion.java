package org.tlsuplift.server.microsoft365;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The version of an endpoint list: {@code YYYYMMDDNN}, exactly ten digits, the last two counting
 * the versions of a day. A later version is a greater number.
 */
public record ListVersion(long number) implements Comparable<ListVersion> {
  private static final Pattern FORM = Pattern.compile("[0-9]{10}");

  /** The version; empty if the text is none. */
  public static Optional<ListVersion> parse(String text) {
    return FORM.matcher(text).matches()
        ? Optional.of(new ListVersion(Long.parseLong(text)))
        : Optional.empty();
  }

  /** The beginning of its day in UTC; 1970 if it has no date. */
  public Instant published() {
    try {
      int day = (int) (number / 100);
      return LocalDate.of(day / 10_000, day / 100 % 100, day % 100)
          .atStartOfDay(ZoneOffset.UTC)
          .toInstant();
    } catch (DateTimeException noDate) {
      return Instant.EPOCH;
    }
  }

  public boolean isAfter(ListVersion other) {
    return compareTo(other) > 0;
  }

  @Override
  public int compareTo(ListVersion other) {
    return Long.compare(number, other.number);
  }

  @Override
  public String toString() {
    return "%010d".formatted(number);
  }
}
