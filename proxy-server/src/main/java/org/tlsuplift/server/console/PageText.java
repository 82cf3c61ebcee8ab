package org.tlsuplift.server.console;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.stream.Collectors;

/** Formats values for pages. Times are in UTC, like the inventory's days. */
public final class PageText {
  private static final DateTimeFormatter MINUTE =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm", Locale.ROOT).withZone(ZoneOffset.UTC);

  /** The longest host name that lists show completely. */
  private static final int LONG = 64;

  private PageText() {}

  /**
   * A text from a device, safe for display: invisible characters and those that change the writing
   * direction (Unicode Technical Report 36) are spelt out.
   */
  public static String visible(String text) {
    return text.codePoints()
        .mapToObj(c -> isHidden(c) ? "\\u{" + Integer.toHexString(c) + "}" : Character.toString(c))
        .collect(Collectors.joining());
  }

  private static boolean isHidden(int codePoint) {
    return switch (Character.getType(codePoint)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          true;
      default -> false;
    };
  }

  /** The text with a capital letter at its beginning. */
  public static String sentence(String text) {
    return text.isEmpty()
        ? text
        : text.substring(0, 1).toUpperCase(Locale.ROOT) + text.substring(1);
  }

  /** The text as a whole sentence, with a capital letter and a full stop. */
  public static String whole(String text) {
    return text.isEmpty() || text.endsWith(".") ? sentence(text) : sentence(text) + ".";
  }

  /** The beginning of a long text, for lists. */
  public static String shortened(String text) {
    return text.codePointCount(0, text.length()) <= LONG
        ? text
        : text.substring(0, text.offsetByCodePoints(0, LONG - 1)) + "…";
  }

  /** A number with commas for its thousands. */
  public static String number(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }

  /** A number of something, such as {@code 1 device} or {@code 1,000 devices}. */
  public static String count(long value, String singular) {
    return number(value) + " " + singular + (value == 1 ? "" : "s");
  }

  /** Bytes in a unit that keeps the number short. */
  public static String bytes(long value) {
    if (value < 1000) {
      return value + " B";
    }
    double shown = value;
    int unit = -1;
    while (shown >= 999.5 && unit < 4) {
      shown /= 1000;
      unit++;
    }
    return String.format(
        Locale.ROOT, shown < 9.95 ? "%.1f %sB" : "%.0f %sB", shown, "kMGTP".charAt(unit));
  }

  /** A moment to the minute, without its zone. */
  public static String minute(Instant moment) {
    return MINUTE.format(moment);
  }

  /** A moment for machines, as {@code datetime} of HTML's {@code time}. */
  public static String machine(Instant moment) {
    return moment.truncatedTo(ChronoUnit.SECONDS).toString();
  }

  public static String day(LocalDate day) {
    return day.toString();
  }

  public static String ago(Instant moment, Instant now) {
    Duration since = Duration.between(moment, now);
    if (since.toMinutes() < 1) {
      return "just now";
    }
    if (since.toHours() < 1) {
      return since.toMinutes() + " min ago";
    }
    return since.toDays() < 2 ? since.toHours() + " h ago" : since.toDays() + " days ago";
  }

  public static String duration(Duration time) {
    return time.toMillis() % 1000 != 0 ? time.toMillis() + " ms" : time.toSeconds() + " s";
  }

  /** Why the inventory cannot be read, with the database's own message. */
  public static String unreadable(SQLException failed) {
    return "The inventory cannot be read now (%s). Sessions continue. The daemon keeps new data in memory, and writes it when the database is back."
        .formatted(visible(String.valueOf(failed.getMessage()).strip()));
  }

  /** A part of a path or query. */
  public static String encoded(String part) {
    return URLEncoder.encode(part, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
