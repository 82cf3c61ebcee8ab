package org.tlsuplift.server.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.tlsuplift.proxy.model.DeviceNetworks;
import org.tlsuplift.proxy.route.Cidr;
import org.tlsuplift.proxy.route.WhenModern;
import org.tlsuplift.server.config.yaml.Section;
import org.tlsuplift.server.config.yaml.Words;

/** Reads the sections into the records; what is wrong or absent has its default in the result. */
final class ConfigReader {
  static final String PATH = "the path of a file";
  static final String BIND = "address:port, such as 0.0.0.0:3128 or \"[::]:3128\"";
  static final Words<WhenModern> WHEN_MODERN = Words.named(WhenModern.values());

  private static final int MAX_SESSIONS = 1_000_000;
  private static final int MAX_LINES = 1_000_000;
  private static final int MAX_HANDSHAKES = 1_000_000;
  private static final Duration TENTH = Duration.ofMillis(100);

  private ConfigReader() {}

  static ServerConfig read(Section root) {
    ServerConfig defaults = ServerConfig.defaults();
    ServerConfig config =
        new ServerConfig(
            root.value("dataDirectory", "the path of a directory", Path::of)
                .orElse(defaults.dataDirectory()),
            devices(root.section("devices"), defaults.devices()),
            listeners(root),
            routes(root, defaults.routes()),
            UpstreamReader.read(root.section("upstream"), defaults.upstream()),
            SignInReader.read(root),
            CertificateAuthorityReader.read(
                root.section("certificateAuthority"), defaults.certificateAuthority()),
            AdminReader.read(root.section("admin"), defaults.admin()),
            MetricsReader.read(root.section("metrics")),
            InventoryReader.read(root.section("inventory"), defaults.inventory()),
            AccessLogReader.read(root),
            log(root.section("log"), defaults.log()),
            limits(root.section("limits"), defaults.limits()),
            root.word("transport", Words.of(ServerConfig.Transport.values()))
                .orElse(defaults.transport()));
    root.end();
    return config;
  }

  private static ServerConfig.Devices devices(Section section, ServerConfig.Devices defaults) {
    List<Cidr> allow =
        section.list(
            "allow",
            defaults.allow(),
            "address blocks, such as 10.0.0.0/8 or \"fc00::/7\"",
            Cidr::parse);
    ServerConfig.Devices devices =
        new ServerConfig.Devices(
            allow,
            DeviceNamesReader.read(section),
            section.value("namesFile", PATH, Path::of).orElse(null),
            section.flag("reverseDns", defaults.reverseDns()));
    section.end();
    return devices;
  }

  private static List<ListenerConfig> listeners(Section root) {
    if (!root.has("listeners")) {
      root.missing(
          "listeners",
          "a list of at least one listener",
          "without one no device can connect; see config/tls-uplift.yaml");
    }
    return root.sections("listeners").stream().map(ListenerReader::read).toList();
  }

  private static List<ServerConfig.Route> routes(Section root, List<ServerConfig.Route> defaults) {
    List<Section> sections = root.sections("routes");
    if (!root.has("routes")) {
      return defaults;
    }
    return sections.stream().map(RouteReader::read).toList();
  }

  private static ServerConfig.Log log(Section section, ServerConfig.Log defaults) {
    ServerConfig.Log log =
        new ServerConfig.Log(
            section.integer("linesPerMinute", defaults.linesPerMinute(), 1, MAX_LINES));
    section.end();
    return log;
  }

  private static ServerConfig.Limits limits(Section section, ServerConfig.Limits defaults) {
    Duration fiveMinutes = Duration.ofMinutes(5);
    ServerConfig.Limits limits =
        new ServerConfig.Limits(
            section.integer("maxSessions", defaults.maxSessions(), 1, MAX_SESSIONS),
            section.integer(
                "maxSessionsPerDevice", defaults.maxSessionsPerDevice(), 1, MAX_SESSIONS),
            section.integer(
                "ipv6Prefix",
                defaults.ipv6Prefix(),
                DeviceNetworks.SHORTEST,
                DeviceNetworks.LONGEST),
            section.integer(
                "handshakesPerSecond", defaults.handshakesPerSecond(), 1, MAX_HANDSHAKES),
            section.integer("handshakeBurst", defaults.handshakeBurst(), 1, MAX_HANDSHAKES),
            section.duration(
                "negotiationTimeout", defaults.negotiationTimeout(), TENTH, fiveMinutes),
            section.duration("handshakeTimeout", defaults.handshakeTimeout(), TENTH, fiveMinutes),
            section.duration(
                "idleTimeout", defaults.idleTimeout(), Duration.ofSeconds(1), Duration.ofHours(24)),
            section.duration("stopGrace", defaults.stopGrace(), Duration.ZERO, fiveMinutes),
            section.duration(
                "drainTimeout", defaults.drainTimeout(), Duration.ZERO, Duration.ofHours(1)));
    section.end();
    return limits;
  }
}
