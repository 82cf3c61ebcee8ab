package org.tlsuplift.server.daemon;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tlsuplift.proxy.context.ListenerSpec;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.server.config.ListenerConfig;
import org.tlsuplift.server.config.MetricsConfig;
import org.tlsuplift.server.config.ServerConfig;
import org.tlsuplift.server.config.secret.HeadersFile;
import org.tlsuplift.server.log.DaemonLog;
import org.tlsuplift.server.mapping.ResolvedConfig;
import org.tlsuplift.server.metrics.MetricNames;
import org.tlsuplift.server.metrics.OtlpTarget;
import org.tlsuplift.server.metrics.ServerMetrics;
import org.tlsuplift.server.process.Version;

/** Creates the meters for a configuration. */
final class MetricsSetup {
  private static final Logger log = LoggerFactory.getLogger(MetricsSetup.class);

  private MetricsSetup() {}

  static ServerMetrics start(ServerConfig config, ResolvedConfig resolvedConfig)
      throws OperatorException {
    List<ListenerSpec> listeners = resolvedConfig.listeners();
    ServerMetrics metrics =
        new ServerMetrics(
            Version.current().number(),
            listeners.stream().map(ListenerSpec::name).toList(),
            target(config));
    metrics.meters().counter(MetricNames.LOG_DROPPED, DaemonLog::dropped);
    metrics.meters().counter(MetricNames.LOG_LEFT_OUT, DaemonLog::leftOut);
    expect(metrics, config, resolvedConfig);
    return metrics;
  }

  /** Registers the counters of all listeners, so that they start at zero. */
  static void expect(ServerMetrics metrics, ServerConfig config, ResolvedConfig resolvedConfig) {
    for (ListenerSpec listener : resolvedConfig.listeners()) {
      metrics.expectListener(listener.name());
      if (listener.mail().service() != null) {
        metrics.expectMail(listener.name(), listener.mail().service().protocol());
      }
    }
    config.listeners().stream()
        .filter(ListenerConfig::signIn)
        .forEach(listener -> metrics.expectSignIns(listener.name()));
  }

  private static @Nullable OtlpTarget target(ServerConfig config) throws OperatorException {
    MetricsConfig.Otlp otlp = config.metrics().otlp();
    if (otlp == null) {
      return null;
    }
    OtlpTarget target =
        new OtlpTarget(
            otlp.url(), otlp.interval(), HeadersFile.read(otlp.headersFile()), instance(config));
    log.info("metrics: {}", target);
    return target;
  }

  /** Identifies this daemon across restarts: the host name and the admin port. */
  private static String instance(ServerConfig config) {
    return hostName() + ":" + config.admin().bind().port();
  }

  /** The kernel's host name. A DNS lookup could take long. */
  private static String hostName() {
    try {
      return Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
    } catch (IOException elsewhere) {
      String name = System.getenv("HOSTNAME");
      return name == null ? "localhost" : name;
    }
  }
}
