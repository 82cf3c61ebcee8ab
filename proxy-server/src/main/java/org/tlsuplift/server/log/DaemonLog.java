package org.tlsuplift.server.log;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Appender;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.slf4j.LoggerFactory;

/**
 * The log of the running daemon. No thread waits for its output, and no device can fill it. It
 * counts the lines that are missing.
 *
 * <p>The root logger must have a {@link BoundedAppender}, as {@link DefaultLogging} sets it up.
 */
public final class DaemonLog implements AutoCloseable {
  /** The longest time that a blocked output can delay the daemon's end. */
  static final Duration LAST_LINES = Duration.ofSeconds(2);

  private final List<BoundedAppender> begun = new ArrayList<>();

  private DaemonLog() {}

  /**
   * Starts limiting and queueing. Call it on the thread that starts and stops the daemon; the lines
   * of this thread are not limited.
   */
  public static DaemonLog begin(LogSettings settings) {
    DaemonLog log = new DaemonLog();
    for (BoundedAppender each : appenders()) {
      if (each.begin(settings)) {
        log.begun.add(each);
      }
    }
    return log;
  }

  /** Uses other settings for later lines. */
  public static void use(LogSettings settings) {
    appenders().forEach(each -> each.use(settings));
  }

  /** The number of lines that were dropped because their target was too slow. */
  public static long dropped() {
    return appenders().stream().mapToLong(BoundedAppender::dropped).sum();
  }

  /** The number of lines that were left out because of the limit per device and cause. */
  public static long leftOut() {
    return appenders().stream().mapToLong(BoundedAppender::leftOut).sum();
  }

  /** Writes the waiting lines, for up to two seconds. */
  @Override
  public void close() {
    begun.forEach(each -> each.end(LAST_LINES));
  }

  static List<BoundedAppender> appenders() {
    List<BoundedAppender> found = new ArrayList<>();
    if (LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME) instanceof Logger root) {
      Iterator<Appender<ILoggingEvent>> all = root.iteratorForAppenders();
      while (all.hasNext()) {
        if (all.next() instanceof BoundedAppender bounded) {
          found.add(bounded);
        }
      }
    }
    return found;
  }
}
