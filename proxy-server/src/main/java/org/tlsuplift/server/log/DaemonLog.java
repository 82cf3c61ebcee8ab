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
 * The log while the daemon runs: nothing waits for its output, and no device fills it. Counts what
 * it therefore lacks.
 *
 * <p>It works where the root logger has a {@link BoundedAppender}, as {@code logback.xml} says.
 */
public final class DaemonLog implements AutoCloseable {
  /** How long an output that is not read may keep the daemon from its end. */
  static final Duration LAST_LINES = Duration.ofSeconds(2);

  private final List<BoundedAppender> begun = new ArrayList<>();

  private DaemonLog() {}

  /**
   * Begins; to be called by the thread that starts and stops the daemon, whose own lines are not
   * limited.
   *
   * @param linesPerMinute how many lines of each device and cause are written, at least 1
   */
  public static DaemonLog begin(int linesPerMinute) {
    DaemonLog log = new DaemonLog();
    for (BoundedAppender each : appenders()) {
      if (each.begin(linesPerMinute)) {
        log.begun.add(each);
      }
    }
    return log;
  }

  /** How many lines were dropped because the output does not take them fast enough. */
  public static long dropped() {
    return appenders().stream().mapToLong(BoundedAppender::dropped).sum();
  }

  /** How many lines were left out because their device and cause had enough of them. */
  public static long leftOut() {
    return appenders().stream().mapToLong(BoundedAppender::leftOut).sum();
  }

  /** Writes what waits, for up to two seconds. */
  @Override
  public void close() {
    begun.forEach(each -> each.end(LAST_LINES));
  }

  private static List<BoundedAppender> appenders() {
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
