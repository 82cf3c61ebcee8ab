package org.tlsuplift.server.log;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.OutputStreamAppender;
import ch.qos.logback.core.spi.AppenderAttachable;
import java.io.IOException;
import java.time.Instant;
import java.util.Iterator;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import org.slf4j.event.KeyValuePair;
import org.tlsuplift.server.text.Printable;

/**
 * Where the daemon's lines go: standard output or a syslog server. Other appenders get all lines
 * too. It can change between two lines; {@link #write} is for one thread.
 */
final class LogTarget implements AutoCloseable {
  private static final String OURS = "org.tlsuplift";
  private static final String ID = "log";

  private final AppenderAttachable<ILoggingEvent> outputs;
  private final LongAdder lost = new LongAdder();

  /** Whether the command line asks for all lines, whatever the configuration says. */
  private final boolean verbose = ours().isDebugEnabled();

  private volatile State state;

  private record State(LogSettings settings, @Nullable SyslogOutput syslog) {}

  LogTarget(AppenderAttachable<ILoggingEvent> outputs, LogSettings settings) {
    this.outputs = outputs;
    this.state = new State(settings, open(settings.syslog()));
    apply(settings);
  }

  private @Nullable SyslogOutput open(@Nullable SyslogServer server) {
    return server == null ? null : new SyslogOutput(server, this::unreachable);
  }

  /** Writes later lines in another way. */
  void use(LogSettings next) {
    State before = state;
    boolean same = Objects.equals(before.settings().syslog(), next.syslog());
    state = new State(next, same ? before.syslog() : open(next.syslog()));
    apply(next);
    if (!same && before.syslog() != null) {
      before.syslog().close();
    }
  }

  private void apply(LogSettings settings) {
    if (!verbose) {
      ours().setLevel(settings.level());
    }
    Iterator<Appender<ILoggingEvent>> all = outputs.iteratorForAppenders();
    while (all.hasNext()) {
      if (all.next() instanceof OutputStreamAppender<?> stream
          && stream.getEncoder() instanceof LineEncoder encoder) {
        encoder.use(new LineEncoder.Style(settings.json(), settings.priorities()));
      }
    }
  }

  /** Writes a line; may block. */
  void write(ILoggingEvent line) {
    pass(line, output -> !(output instanceof OutputStreamAppender));
    State now = state;
    while (now.syslog() != null && !now.syslog().send(message(line, now.settings().json()))) {
      // The server is another one now, or this ends.
      State next = state;
      if (next.equals(now)) {
        lost.increment();
        return;
      }
      now = next;
    }
    if (now.syslog() == null) {
      pass(line, OutputStreamAppender.class::isInstance);
    }
  }

  private void pass(ILoggingEvent line, Predicate<Appender<ILoggingEvent>> to) {
    Iterator<Appender<ILoggingEvent>> all = outputs.iteratorForAppenders();
    while (all.hasNext()) {
      Appender<ILoggingEvent> each = all.next();
      if (to.test(each)) {
        each.doAppend(line);
      }
    }
  }

  private static SyslogMessage message(ILoggingEvent line, boolean json) {
    StringBuilder text = new StringBuilder(256);
    if (json) {
      text.append(JsonText.of(line));
    } else {
      LineText.append(text, line);
    }
    // A stack trace has several lines, and a message of syslog one.
    return new SyslogMessage(
        Instant.ofEpochMilli(line.getTimeStamp()),
        Journal.severity(line.getLevel()),
        ID,
        Printable.line(text.toString()));
  }

  /** Says so where somebody may see it. */
  private void unreachable(SyslogServer server, IOException failed) {
    ILoggingEvent line =
        DaemonLines.warning(
            LogTarget.class,
            "the syslog server cannot be reached; lines wait, and are dropped when the queue is"
                + " full",
            new KeyValuePair("server", server.address()),
            new KeyValuePair("detail", SyslogOutput.detail(failed)),
            new KeyValuePair("remedy", "check log.syslog, the network and the server"));
    pass(line, OutputStreamAppender.class::isInstance);
  }

  /** The number of lines that were not sent when their server was replaced or this ended. */
  long lost() {
    return lost.sum();
  }

  private static Logger ours() {
    return (Logger) LoggerFactory.getLogger(OURS);
  }

  /** Ends a blocked {@link #write}. */
  @Override
  public void close() {
    SyslogOutput open = state.syslog();
    if (open != null) {
      open.close();
    }
  }
}
