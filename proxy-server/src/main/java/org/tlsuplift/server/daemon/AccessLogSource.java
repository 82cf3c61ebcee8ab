package org.tlsuplift.server.daemon;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.server.config.AccessLogConfig;
import org.tlsuplift.server.config.ListenerConfig;
import org.tlsuplift.server.config.LogMapper;
import org.tlsuplift.server.config.ServerConfig;
import org.tlsuplift.server.log.AccessLog;
import org.tlsuplift.server.log.AccessLogFormat;
import org.tlsuplift.server.log.AccessLogSettings;
import org.tlsuplift.server.log.Journal;
import org.tlsuplift.server.log.SyslogServer;

/**
 * What an access log needs; equal if another configuration changes nothing of it.
 *
 * @param config null for no access log
 * @param syslog the server, if the configuration names one
 * @param prefix before each line on standard output
 */
record AccessLogSource(
    @Nullable AccessLogConfig config, @Nullable SyslogServer syslog, String prefix) {
  static AccessLogSource of(ServerConfig config) {
    AccessLogConfig wanted = config.accessLog();
    boolean text = wanted != null && wanted.format() == AccessLogConfig.Format.TEXT;
    return new AccessLogSource(
        wanted,
        LogMapper.server(config.log()),
        LogMapper.priorities(config.log(), text) ? Journal.informational() : "");
  }

  /**
   * Opens an access log for each target, so that none waits for another.
   *
   * @throws OperatorException if the file cannot be opened
   */
  List<AccessLog> open(Map<String, String> waysIn) throws OperatorException {
    List<AccessLog> opened = new ArrayList<>();
    if (config != null && config.file() != null) {
      opened.add(file(config, config.file(), waysIn));
    }
    if (config != null && config.targets().contains(AccessLogConfig.Target.STDOUT)) {
      opened.add(AccessLog.toStandardOutput(format(config), prefix, waysIn));
    }
    if (config != null && config.targets().contains(AccessLogConfig.Target.SYSLOG)) {
      opened.add(AccessLog.toSyslog(format(config), Objects.requireNonNull(syslog), waysIn));
    }
    return List.copyOf(opened);
  }

  private static AccessLog file(AccessLogConfig config, Path file, Map<String, String> waysIn)
      throws OperatorException {
    try {
      return AccessLog.open(
          new AccessLogSettings(
              file,
              format(config),
              config.maxFileSize(),
              config.keepDays(),
              config.maxTotalSize(),
              waysIn));
    } catch (IOException failed) {
      throw new OperatorException(
          "accessLog.file: "
              + failed.getMessage()
              + "; create its directory, writable for the user that runs TLS Uplift, or set another file",
          failed);
    }
  }

  private static AccessLogFormat format(AccessLogConfig config) {
    return switch (config.format()) {
      case JSON -> AccessLogFormat.JSON;
      case TEXT -> AccessLogFormat.TEXT;
    };
  }

  /** How the devices of each listener name their destination. */
  static Map<String, String> waysIn(ServerConfig config) {
    return config.listeners().stream()
        .collect(
            Collectors.toMap(ListenerConfig::name, listener -> listener.access().accept().label()));
  }
}
