package org.tlsuplift.server.config;

import ch.qos.logback.classic.Level;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.server.log.Journal;
import org.tlsuplift.server.log.LogSettings;
import org.tlsuplift.server.log.SyslogServer;

/** Maps the configuration of the log. */
public final class LogMapper {
  private LogMapper() {}

  /** The settings of the daemon's log. */
  public static LogSettings map(LogConfig config) {
    return new LogSettings(
        config.linesPerMinute(),
        Level.toLevel(config.level().name()),
        config.format() == LogConfig.Format.JSON,
        priorities(config, config.format() == LogConfig.Format.TEXT),
        config.target() == LogConfig.Target.SYSLOG ? server(config) : null);
  }

  /**
   * Whether lines on standard output begin with a priority.
   *
   * @param text whether they are text; JSON gets none unless the configuration asks for it
   */
  public static boolean priorities(LogConfig config, boolean text) {
    return switch (config.target()) {
      case JOURNALD -> true;
      case STDOUT, SYSLOG -> text && Journal.readsStandardOutput();
    };
  }

  /** The syslog server, or null. */
  public static @Nullable SyslogServer server(LogConfig config) {
    LogConfig.Syslog syslog = config.syslog();
    return syslog == null
        ? null
        : new SyslogServer(syslog.address(), syslog.facility(), syslog.trust());
  }
}
