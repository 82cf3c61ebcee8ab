package org.tlsuplift.server.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.tlsuplift.proxy.route.Cidr;
import org.tlsuplift.proxy.route.WhenModern;
import org.tlsuplift.proxy.session.TlsVersion;

/** Reads the sections into the records; what is wrong or absent has its default in the result. */
final class ConfigReader {
  static final String PATH = "the path of a file";
  static final String BIND = "address:port, such as 0.0.0.0:3128 or \"[::]:3128\"";
  static final Words<WhenModern> WHEN_MODERN = Words.named(WhenModern.values());

  private static final Words<TlsVersion> VERSIONS =
      Words.of(List.of(TlsVersion.TLS_1_2, TlsVersion.TLS_1_3), TlsVersion::label)
          .refusing(
              "nothing below TLSv1.2 leaves: there is no setting for it",
              "SSLv2",
              "SSLv3",
              "TLSv1",
              "TLSv1.0",
              "TLSv1.1");
  private static final int MAX_SESSIONS = 1_000_000;
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
            upstream(root.section("upstream"), defaults.upstream()),
            CertificateAuthorityReader.read(
                root.section("certificateAuthority"), defaults.certificateAuthority()),
            admin(root.section("admin"), defaults.admin()),
            InventoryReader.read(root.section("inventory"), defaults.inventory()),
            AccessLogReader.read(root),
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

  private static List<ServerConfig.Listener> listeners(Section root) {
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

  private static ServerConfig.Upstream upstream(Section section, ServerConfig.Upstream defaults) {
    Path trust =
        section
            .value("trust", "system, or the path of a PEM bundle of root certificates", Path::of)
            .filter(path -> !path.equals(Path.of("system")))
            .orElse(null);
    section.refuse("minimumVersion", "the floor is TLSv1.2 and no setting; remove the key");
    ServerConfig.Upstream upstream =
        new ServerConfig.Upstream(
            section.word("maximumVersion", VERSIONS).orElse(defaults.maximumVersion()),
            trust,
            section.duration(
                "connectTimeout", defaults.connectTimeout(), TENTH, Duration.ofMinutes(2)),
            section.duration("dnsTimeout", defaults.dnsTimeout(), TENTH, Duration.ofMinutes(1)));
    section.end();
    return upstream;
  }

  private static ServerConfig.Admin admin(Section section, ServerConfig.Admin defaults) {
    BindAddress bind = section.value("bind", BIND, BindAddress::parse).orElse(defaults.bind());
    section.end();
    return new ServerConfig.Admin(bind);
  }

  private static ServerConfig.Limits limits(Section section, ServerConfig.Limits defaults) {
    Duration fiveMinutes = Duration.ofMinutes(5);
    ServerConfig.Limits limits =
        new ServerConfig.Limits(
            section.integer("maxSessions", defaults.maxSessions(), 1, MAX_SESSIONS),
            section.integer(
                "maxSessionsPerDevice", defaults.maxSessionsPerDevice(), 1, MAX_SESSIONS),
            section.duration(
                "negotiationTimeout", defaults.negotiationTimeout(), TENTH, fiveMinutes),
            section.duration("handshakeTimeout", defaults.handshakeTimeout(), TENTH, fiveMinutes),
            section.duration(
                "idleTimeout", defaults.idleTimeout(), Duration.ofSeconds(1), Duration.ofHours(24)),
            section.duration(
                "drainTimeout", defaults.drainTimeout(), Duration.ZERO, Duration.ofHours(1)));
    section.end();
    return limits;
  }
}
