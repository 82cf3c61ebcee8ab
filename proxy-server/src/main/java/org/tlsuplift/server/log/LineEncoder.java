package org.tlsuplift.server.log;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.StackTraceElementProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.encoder.EncoderBase;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.KeyValuePair;

/**
 * Encodes each event as one line in UTF-8: time in UTC, level, message, and key-value pairs.
 *
 * <p>Values that may come from outside are {@link Printable}. Stack traces are for unexpected
 * events, so only errors and debug lines have one; a warning has its cause in the line.
 * Thread-safe.
 */
public final class LineEncoder extends EncoderBase<ILoggingEvent> {
  private static final byte[] NOTHING = {};
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);
  private static final int LEVEL_WIDTH = 5;

  @Override
  public byte[] headerBytes() {
    return NOTHING;
  }

  @Override
  public byte[] encode(ILoggingEvent event) {
    StringBuilder line = new StringBuilder(256);
    TIME.formatTo(Instant.ofEpochMilli(event.getTimeStamp()), line);
    String level = event.getLevel().toString();
    line.append(' ').append(level).append(" ".repeat(Math.max(0, LEVEL_WIDTH - level.length())));
    line.append(' ').append(Printable.text(String.valueOf(event.getFormattedMessage())));
    if (event.getKeyValuePairs() != null) {
      for (KeyValuePair each : event.getKeyValuePairs()) {
        value(line, each.key, String.valueOf(each.value));
      }
    }
    cause(line, event);
    return line.append(System.lineSeparator()).toString().getBytes(StandardCharsets.UTF_8);
  }

  private static void value(StringBuilder line, String key, String value) {
    line.append(' ').append(Printable.text(key)).append("=\"");
    line.append(Printable.quoted(value)).append('"');
  }

  private static void cause(StringBuilder line, ILoggingEvent event) {
    IThrowableProxy cause = event.getThrowableProxy();
    if (cause == null) {
      return;
    }
    if (event.getLevel() == Level.WARN || event.getLevel() == Level.INFO) {
      value(line, "cause", cause.getClassName() + ": " + cause.getMessage());
    } else {
      String trace = ThrowableProxyUtil.asString(new PrintableCause(cause));
      line.append(System.lineSeparator()).append(trace.stripTrailing());
    }
  }

  @Override
  public byte[] footerBytes() {
    return NOTHING;
  }

  /** An exception in which the messages of all causes are one line each. */
  private record PrintableCause(IThrowableProxy original) implements IThrowableProxy {
    private static @Nullable IThrowableProxy of(@Nullable IThrowableProxy original) {
      return original == null ? null : new PrintableCause(original);
    }

    @Override
    public @Nullable String getMessage() {
      return original.getMessage() == null ? null : Printable.text(original.getMessage());
    }

    @Override
    public @Nullable String getOverridingMessage() {
      String message = original.getOverridingMessage();
      return message == null ? null : Printable.text(message);
    }

    @Override
    public String getClassName() {
      return original.getClassName();
    }

    @Override
    public StackTraceElementProxy[] getStackTraceElementProxyArray() {
      return original.getStackTraceElementProxyArray();
    }

    @Override
    public int getCommonFrames() {
      return original.getCommonFrames();
    }

    @Override
    public @Nullable IThrowableProxy getCause() {
      return of(original.getCause());
    }

    @Override
    public IThrowableProxy @Nullable [] getSuppressed() {
      IThrowableProxy[] suppressed = original.getSuppressed();
      if (suppressed == null) {
        return null;
      }
      IThrowableProxy[] printable = new IThrowableProxy[suppressed.length];
      for (int i = 0; i < suppressed.length; i++) {
        printable[i] = new PrintableCause(suppressed[i]);
      }
      return printable;
    }

    @Override
    public boolean isCyclic() {
      return original.isCyclic();
    }
  }
}
