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
  private final AtomicReference<@Nullable Daemon> daemon = new AtomicReference<>();

  private record Daemon(DaemonLines lines, LogTarget target) {}

  @Override
  protected void append(ILoggingEvent line) {
    Daemon running = daemon.get();
    if (running == null) {
      outputs.appendLoopOnAppenders(line);
    } else {
      running.lines().add(line);
    }
  }

  /**
   * Starts limiting lines and writing them on a separate thread. Returns false if this has already
   * started.
   */
  boolean begin(LogSettings settings) {
    if (daemon.get() != null) {
      return false;
    }
    LogTarget target = new LogTarget(outputs, settings);
    DaemonLines lines = new DaemonLines(settings.linesPerMinute(), target::write);
    boolean begun = daemon.compareAndSet(null, new Daemon(lines, target));
    if (!begun) {
      lines.close(Duration.ZERO);
    }
    return begun;
  }

  /** Uses other settings if {@link #begin} has been called. */
  void use(LogSettings settings) {
    Daemon running = daemon.get();
    if (running != null) {
      running.lines().limit(settings.linesPerMinute());
      running.target().use(settings);
    }
  }

  /**
   * Writes the waiting lines, for up to this time. If all are written, later lines are written
   * immediately.
   */
  void end(Duration most) {
    Daemon running = daemon.get();
    if (running != null) {
      boolean written = running.lines().close(most);
      running.target().close();
      if (written) {
        daemon.set(null);
      }
    }
  }

  /** The number of lines that were dropped because their target was too slow. */
  long dropped() {
    Daemon running = daemon.get();
    return running == null ? 0 : running.lines().dropped() + running.target().lost();
  }

  /** The number of lines above the limit of their cause. */
  long leftOut() {
    Daemon running = daemon.get();
    return running == null ? 0 : running.lines().leftOut();
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
