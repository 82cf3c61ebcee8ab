package org.tlsuplift.server.daemon;

import java.io.IOException;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.server.accesslog.AccessLog;
import org.tlsuplift.server.accesslog.AccessLogFormat;
import org.tlsuplift.server.accesslog.AccessLogSettings;
import org.tlsuplift.server.config.AccessLogConfig;
import org.tlsuplift.server.config.ListenerConfig;
import org.tlsuplift.server.config.ServerConfig;

final class AccessLogSource {
  private AccessLogSource() {}

  /** Returns null if no access log is configured. */
  static @Nullable AccessLog open(ServerConfig config) throws StartFailedException {
    AccessLogConfig wanted = config.accessLog();
    if (wanted == null) {
      return null;
    }
    try {
      return AccessLog.open(settings(wanted, config));
    } catch (IOException failed) {
      throw new StartFailedException(
          "accessLog.file: "
              + failed.getMessage()
              + "; create its directory, writable for the user that runs TLS Uplift, or set another file",
          failed);
    }
  }

  private static AccessLogSettings settings(AccessLogConfig wanted, ServerConfig config) {
    return new AccessLogSettings(
        wanted.file(),
        switch (wanted.format()) {
          case JSON -> AccessLogFormat.JSON;
          case TEXT -> AccessLogFormat.TEXT;
        },
        wanted.maxFileSize(),
        wanted.keepDays(),
        wanted.maxTotalSize(),
        waysIn(config));
  }

  /** How the devices of each listener name their destination. */
  static Map<String, String> waysIn(ServerConfig config) {
    return config.listeners().stream()
        .collect(Collectors.toMap(ListenerConfig::name, listener -> listener.accept().label()));
  }
}
