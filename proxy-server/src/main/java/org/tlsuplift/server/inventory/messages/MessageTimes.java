package org.tlsuplift.server.inventory.messages;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads the times of a search. */
public final class MessageTimes {
  /** What {@link #parse} accepts, for error messages. */
  public static final String EXPECTED =
      "a time of UTC, such as 2026-11-27 or 2026-11-27T14:30, or an age, such as 2h or 7d";

  private static final Pattern AGE = Pattern.compile("([0-9]{1,5})([mhd])");

  private MessageTimes() {}

  /**
   * Reads a day, a time of UTC or an age.
   *
   * @throws IllegalArgumentException if the text is something else
   */
  public static Instant parse(String text, Instant now) {
    Matcher age = AGE.matcher(text);
    if (age.matches()) {
      long number = Long.parseLong(age.group(1));
      return now.minus(
          switch (String.valueOf(age.group(2))) {
            case "m" -> Duration.ofMinutes(number);
            case "h" -> Duration.ofHours(number);
            default -> Duration.ofDays(number);
          });
    }
    try {
      if (text.length() <= 10) {
        return LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant();
      }
      String utc = text.endsWith("Z") ? text.substring(0, text.length() - 1) : text;
      return LocalDateTime.parse(utc.replace(' ', 'T')).toInstant(ZoneOffset.UTC);
    } catch (DateTimeException wrong) {
      throw new IllegalArgumentException("expected " + EXPECTED, wrong);
    }
  }
}
