package org.tlsuplift.server.log;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.encoder.EncoderBase;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/**
 * Encodes each event as one line in UTF-8: time in UTC, level, message, and key-value pairs. Only
 * stack traces have further lines.
 *
 * <p>{@link #use} changes that to JSON, or puts a priority before each line. Thread-safe.
 */
public final class LineEncoder extends EncoderBase<ILoggingEvent> {
  private static final byte[] NOTHING = {};

  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);
  private static final int LEVEL_WIDTH = 5;

  private volatile Style style = new Style(false, false);

  /**
   * How lines are written.
   *
   * @param json as JSON objects
   * @param priorities each after its priority, such as {@code <4>}
   */
  record Style(boolean json, boolean priorities) {}

  /** Writes later lines in this style. */
  void use(Style other) {
    style = other;
  }

  @Override
  public byte[] headerBytes() {
    return NOTHING;
  }

  @Override
  public byte[] encode(ILoggingEvent event) {
    Style now = style;
    String lines = now.json() ? JsonText.of(event) : text(event);
    if (now.priorities()) {
      // The journal reads each line by itself.
      String prefix = Journal.prefix(Journal.severity(event.getLevel()));
      lines = prefix + lines.replace(System.lineSeparator(), System.lineSeparator() + prefix);
    }
    return (lines + System.lineSeparator()).getBytes(StandardCharsets.UTF_8);
  }

  private static String text(ILoggingEvent event) {
    StringBuilder line = new StringBuilder(256);
    TIME.formatTo(Instant.ofEpochMilli(event.getTimeStamp()), line);
    String level = event.getLevel().toString();
    line.append(' ').append(level).append(" ".repeat(Math.max(0, LEVEL_WIDTH - level.length())));
    LineText.append(line.append(' '), event);
    return line.toString();
  }

  @Override
  public byte[] footerBytes() {
    return NOTHING;
  }
}
