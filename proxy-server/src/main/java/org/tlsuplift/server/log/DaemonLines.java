package org.tlsuplift.server.log;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.slf4j.LoggerFactory;
import org.slf4j.event.KeyValuePair;

/**
 * The log lines of the running daemon. They are limited per device and cause, and a separate thread
 * writes them. A line reports how many were left out or dropped. Thread-safe; adding never blocks.
 *
 * <p>Lines from the thread that creates this object are not limited: it only starts and stops the
 * daemon, and cannot fill the disk.
 */
final class DaemonLines {
  private final Thread starter = Thread.currentThread();
  private final Consumer<ILoggingEvent> output;
  private final LineLimit limit;
  private final LineQueue queue;

  /** The number of dropped lines that were reported. */
  private final AtomicLong reported = new AtomicLong();

  DaemonLines(int linesPerMinute, Consumer<ILoggingEvent> output) {
    this.output = output;
    this.limit = new LineLimit(linesPerMinute, System::nanoTime);
    this.queue = new LineQueue(output, this::report);
  }

  void add(ILoggingEvent line) {
    if (Thread.currentThread().equals(starter) || limit.admits(line)) {
      queue.add(line);
    }
  }

  /** Sets another limit per device and cause. */
  void limit(int linesPerMinute) {
    limit.limit(linesPerMinute);
  }

  long dropped() {
    return queue.dropped();
  }

  long leftOut() {
    return limit.leftOut();
  }

  /** Writes the waiting lines, for up to this time. Returns whether all are written. */
  boolean close(Duration most) {
    boolean written = queue.close(most);
    if (written) {
      limit.endAll().forEach(this::leftOut);
    }
    return written;
  }

  private void report() {
    limit.endMinutes().forEach(this::leftOut);
    long dropped = queue.dropped();
    long more = dropped - reported.getAndSet(dropped);
    if (more > 0) {
      write(
          "log lines were dropped",
          new KeyValuePair("detail", "the target of the log is too slow or cannot be reached"),
          new KeyValuePair("remedy", "check what reads standard output, or the syslog server"),
          new KeyValuePair("lines", more));
    }
  }

  private void leftOut(LineLimit.LeftOut leftOut) {
    LineCause cause = leftOut.cause();
    write(
        "more lines of this kind were left out",
        new KeyValuePair("remedy", "raise log.linesPerMinute to see them"),
        new KeyValuePair("about", cause.subject()),
        new KeyValuePair("line", cause.line()),
        new KeyValuePair("reason", cause.reason()),
        new KeyValuePair("lines", leftOut.lines()));
  }

  private void write(String message, KeyValuePair... values) {
    output.accept(warning(DaemonLines.class, message, values));
  }

  /** A line about the log itself, which does not go through the log. */
  static ILoggingEvent warning(Class<?> by, String message, KeyValuePair... values) {
    Logger logger = (Logger) LoggerFactory.getLogger(by);
    LoggingEvent line = new LoggingEvent(by.getName(), logger, Level.WARN, message, null, null);
    List.of(values).forEach(line::addKeyValuePair);
    return line;
  }
}
