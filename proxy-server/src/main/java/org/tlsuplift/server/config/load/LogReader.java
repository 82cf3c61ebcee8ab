package org.tlsuplift.server.config.load;

import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.server.config.AccessLogConfig;
import org.tlsuplift.server.config.LogConfig;
import org.tlsuplift.server.config.yaml.Section;
import org.tlsuplift.server.config.yaml.Words;
import org.tlsuplift.server.log.syslog.SyslogServer;

/** Reads {@code log}. */
final class LogReader {
  private static final String ADDRESS =
      "the address of a syslog server, such as tls://syslog.corp.example:6514,"
          + " udp://syslog.corp.example:514 or unix:/dev/log";
  private static final int MAX_LINES = 1_000_000;
  private static final Words<LogConfig.Target> TARGET =
      Words.of(LogConfig.Target.values())
          .refusing("write journald", "journal", "systemd")
          .refusing("redirect standard output, or use accessLog for sessions", "file", "stderr");

  private LogReader() {}

  /**
   * Reads the section.
   *
   * @param accessLog may need the syslog server too
   */
  static LogConfig read(Section section, @Nullable AccessLogConfig accessLog) {
    int linesPerMinute = section.integer("linesPerMinute", 1, MAX_LINES);
    LogConfig.Level level = section.word("level", Words.of(LogConfig.Level.values())).orElseThrow();
    LogConfig.Format format =
        section.word("format", Words.of(LogConfig.Format.values())).orElseThrow();
    LogConfig.Target target = section.word("target", TARGET).orElseThrow();
    boolean used =
        target == LogConfig.Target.SYSLOG
            || (accessLog != null && accessLog.targets().contains(AccessLogConfig.Target.SYSLOG));
    LogConfig log = new LogConfig(linesPerMinute, level, format, target, syslog(section, used));
    section.end();
    return log;
  }

  private static LogConfig.@Nullable Syslog syslog(Section log, boolean used) {
    Section section = log.section("syslog");
    if (!log.has("syslog")) {
      if (used) {
        log.missing("syslog", "a section with the address of the server", "");
      }
      return null;
    }
    if (!used && log.clean("target")) {
      log.refuse(
          "syslog", "nothing goes to syslog; write 'target: syslog', here or in 'accessLog'");
      return null;
    }
    Optional<SyslogServer.Address> address =
        section.required("address", ADDRESS, SyslogServer::address);
    if (address.isPresent() && !(address.get() instanceof SyslogServer.Address.Tls)) {
      section.refuse("trust", "only tls:// has a certificate; remove the key");
    }
    SyslogServer.Facility facility =
        section
            .word("facility", Words.of(SyslogServer.Facility.values()))
            .orElse(SyslogServer.Facility.DAEMON);
    Path trust = UpstreamReader.trust(section);
    section.end();
    return address.map(to -> new LogConfig.Syslog(to, facility, trust)).orElse(null);
  }
}
