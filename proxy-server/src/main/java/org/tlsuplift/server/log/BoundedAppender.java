package org.tlsuplift.server.log;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.UnsynchronizedAppenderBase;
import ch.qos.logback.core.spi.AppenderAttachable;
import ch.qos.logback.core.spi.AppenderAttachableImpl;
import java.time.Duration;
import java.util.Iterator;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Passes log lines to its appenders. In a command it writes them immediately; in the daemon it
 * limits and queues them ({@link DaemonLines}). Thread-safe.
 */
public final class BoundedAppender extends UnsynchronizedAppenderBase<ILoggingEvent>
    implements AppenderAttachable<ILoggingEvent> {
  private final AppenderAttachableImpl<ILoggingEvent> outputs = new AppenderAttachableImpl<>();
  private final AtomicReference<@Nullable DaemonLines> daemon = new AtomicReference<>();

  @Override
  protected void append(ILoggingEvent line) {
    DaemonLines lines = daemon.get();
    if (lines == null) {
      outputs.appendLoopOnAppenders(line);
    } else {
      lines.add(line);
    }
  }

  /**
   * Starts limiting lines and writing them on a separate thread. Returns false if this has already
   * started.
   */
  boolean begin(int linesPerMinute) {
    DaemonLines lines = new DaemonLines(linesPerMinute, outputs::appendLoopOnAppenders);
    boolean begun = daemon.compareAndSet(null, lines);
    if (!begun) {
      lines.close(Duration.ZERO);
    }
    return begun;
  }

  /** Sets another limit if limiting has started. */
  void limit(int linesPerMinute) {
    DaemonLines lines = daemon.get();
    if (lines != null) {
      lines.limit(linesPerMinute);
    }
  }

  /**
   * Writes the waiting lines, for up to this time. If all are written, later lines are written
   * immediately.
   */
  void end(Duration most) {
    DaemonLines lines = daemon.get();
    if (lines != null && lines.close(most)) {
      daemon.set(null);
    }
  }

  /** The number of lines that were dropped because the output was too slow. */
  long dropped() {
    DaemonLines lines = daemon.get();
    return lines == null ? 0 : lines.dropped();
  }

  /** The number of lines above the limit of their cause. */
  long leftOut() {
    DaemonLines lines = daemon.get();
    return lines == null ? 0 : lines.leftOut();
  }

  @Override
  public void stop() {
    super.stop();
    outputs.detachAndStopAllAppenders();
  }

  @Override
  public void addAppender(Appender<ILoggingEvent> output) {
    outputs.addAppender(output);
  }

  @Override
  public Iterator<Appender<ILoggingEvent>> iteratorForAppenders() {
    return outputs.iteratorForAppenders();
  }

  @Override
  public @Nullable Appender<ILoggingEvent> getAppender(String name) {
    return outputs.getAppender(name);
  }

  @Override
  public boolean isAttached(Appender<ILoggingEvent> output) {
    return outputs.isAttached(output);
  }

  @Override
  public void detachAndStopAllAppenders() {
    outputs.detachAndStopAllAppenders();
  }

  @Override
  public boolean detachAppender(Appender<ILoggingEvent> output) {
    return outputs.detachAppender(output);
  }

  @Override
  public boolean detachAppender(String name) {
    return outputs.detachAppender(name);
  }
}
