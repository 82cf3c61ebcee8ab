package org.tlsuplift.server.log;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.event.KeyValuePair;
import org.tlsuplift.server.text.Printable;

/**
 * Writes warnings and errors to the Windows event log, with the program {@code eventcreate} of
 * Windows, because Java has no access to that log.
 *
 * <p>Up to {@value #PER_MINUTE} per minute; all others are in the log file only. It waits for the
 * program, so it must get its lines from the thread that writes the log.
 */
public final class WindowsEventLog extends AppenderBase<ILoggingEvent> {
  static final int PER_MINUTE = 10;

  /** The most that {@code eventcreate} accepts is some 30 000 characters. */
  static final int MAX_LENGTH = 2_000;

  private static final String SOURCE = "TLS Uplift";
  private static final String ID = "1";
  private static final Duration TIMEOUT = Duration.ofSeconds(5);
  private static final Duration MINUTE = Duration.ofMinutes(1);

  private final List<String> program;
  private final LongSupplier nanoTime;
  private long minute;
  private int written;
  private int leftOut;

  WindowsEventLog(List<String> program, LongSupplier nanoTime) {
    this.program = program;
    this.nanoTime = nanoTime;
    this.minute = nanoTime.getAsLong();
  }

  /** Adds it to the log of this process. Call it before {@link DaemonLog#begin}. */
  public static void attach() {
    for (BoundedAppender each : DaemonLog.appenders()) {
      WindowsEventLog events = new WindowsEventLog(List.of("eventcreate.exe"), System::nanoTime);
      events.setContext(each.getContext());
      events.start();
      each.addAppender(events);
    }
  }

  @Override
  protected void append(ILoggingEvent event) {
    if (!event.getLevel().isGreaterOrEqual(Level.WARN)) {
      return;
    }
    long now = nanoTime.getAsLong();
    if (now - minute >= MINUTE.toNanos()) {
      minute = now;
      written = 0;
    }
    if (written == PER_MINUTE) {
      leftOut++;
      return;
    }
    written++;
    write(event.getLevel() == Level.WARN ? "WARNING" : "ERROR", text(event));
    leftOut = 0;
  }

  private String text(ILoggingEvent event) {
    StringBuilder text = new StringBuilder(Printable.text(event.getFormattedMessage()));
    if (event.getKeyValuePairs() != null) {
      for (KeyValuePair each : event.getKeyValuePairs()) {
        text.append(' ').append(each.key).append('=').append(Printable.text("" + each.value));
      }
    }
    text.setLength(Math.min(text.length(), MAX_LENGTH));
    if (leftOut > 0) {
      text.append(" (").append(leftOut).append(" earlier lines are in the log file only)");
    }
    // A quotation mark would end the argument on the command line that Windows passes.
    return text.toString().replace('"', '\'');
  }

  private void write(String type, String text) {
    List<String> command = new java.util.ArrayList<>(program);
    command.addAll(List.of("/L", "APPLICATION", "/T", type, "/SO", SOURCE, "/ID", ID, "/D", text));
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      if (!process.waitFor(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly();
      }
    } catch (IOException failed) {
      // Logback keeps it; the line itself is in the log file.
      addError("eventcreate cannot be run", failed);
    } catch (InterruptedException ending) {
      Thread.currentThread().interrupt();
    }
  }
}
