package org.tlsuplift.server.config;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.Labelled;
import org.tlsuplift.server.log.syslog.SyslogServer;

/**
 * The settings of the log.
 *
 * @param linesPerMinute of one kind about one device
 * @param syslog the server of {@link Target#SYSLOG}, or of the access log; null for none
 */
public record LogConfig(
    int linesPerMinute, Level level, Format format, Target target, @Nullable Syslog syslog) {
  /** The least important lines. */
  public enum Level implements Labelled {
    ERROR,
    WARN,
    INFO,
    DEBUG
  }

  /** The form of a line. */
  public enum Format implements Labelled {
    TEXT,
    JSON
  }

  /** Where lines go. */
  public enum Target implements Labelled {
    STDOUT,
    JOURNALD,
    SYSLOG
  }

  /**
   * A syslog server.
   *
   * @param trust a PEM file with the roots that verify its certificate; null for those of the Java
   *     runtime
   */
  public record Syslog(
      SyslogServer.Address address, SyslogServer.Facility facility, @Nullable Path trust) {}
}
