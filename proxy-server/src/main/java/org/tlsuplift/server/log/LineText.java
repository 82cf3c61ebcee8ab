package org.tlsuplift.server.log;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.StackTraceElementProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.KeyValuePair;
import org.tlsuplift.server.text.Printable;

/**
 * An event as text: message and key-value pairs.
 *
 * <p>Values that may come from outside are {@link Printable}. Stack traces are for unexpected
 * events, so only errors and debug lines have one, on further lines; a warning has its cause in the
 * line.
 */
final class LineText {
  private LineText() {}

  static void append(StringBuilder line, ILoggingEvent event) {
    line.append(Printable.text(String.valueOf(event.getFormattedMessage())));
    if (event.getKeyValuePairs() != null) {
      for (KeyValuePair each : event.getKeyValuePairs()) {
        value(line, each.key, String.valueOf(each.value));
      }
    }
    cause(line, event);
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
