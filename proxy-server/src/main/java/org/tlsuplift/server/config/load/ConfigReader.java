package org.tlsuplift.server.config.load;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.mail.policy.MailPolicy;
import org.tlsuplift.proxy.model.DeviceNetworks;
import org.tlsuplift.proxy.route.Cidr;
import org.tlsuplift.proxy.route.WhenModern;
import org.tlsuplift.server.config.AccessLogConfig;
import org.tlsuplift.server.config.AdminConfig;
import org.tlsuplift.server.config.CertificateAuthorityConfig;
import org.tlsuplift.server.config.DatabaseConfig;
import org.tlsuplift.server.config.DeviceNamesReader;
import org.tlsuplift.server.config.FilePath;
import org.tlsuplift.server.config.InventoryConfig;
import org.tlsuplift.server.config.ListenerConfig;
import org.tlsuplift.server.config.MessagesConfig;
import org.tlsuplift.server.config.ServerConfig;
import org.tlsuplift.server.config.SignInConfig;
import org.tlsuplift.server.config.yaml.Section;
import org.tlsuplift.server.config.yaml.Words;

/** Reads the sections into records; missing and invalid values get their defaults. */
final class ConfigReader {
  static final String PATH = "the path of a file";
  static final String BIND = "address:port, such as 0.0.0.0:3128 or \"[::]:3128\"";
  static final Words<WhenModern> WHEN_MODERN = Words.of(WhenModern.values());

  private static final int MAX_SESSIONS = 1_000_000;
  private static final int MAX_HANDSHAKES = 1_000_000;
  private static final Duration TENTH = Duration.ofMillis(100);

  private ConfigReader() {}

  static Path dataDirectory(Section root) {
    return root.value("dataDirectory", "the path of a directory", Path::of).orElseThrow();
  }

  static ServerConfig read(Section root) {
    // In this order, which is the order of the keys in messages.
    Path dataDirectory = dataDirectory(root);
    ServerConfig.Devices devices = devices(root.section("devices"));
    MailPolicy mail = MailPolicyReader.read(root);
    List<ListenerConfig> listeners = listeners(root, mail);
    List<ServerConfig.Route> routes =
        root.sections("routes").stream().map(RouteReader::read).toList();
    ServerConfig.Microsoft365 microsoft365 = Microsoft365Reader.read(root.section("microsoft365"));
    ServerConfig.Upstream upstream = UpstreamReader.read(root.section("upstream"));
    SignInConfig signIn = SignInReader.read(root, microsoft365.cloud());
    CertificateAuthorityConfig authority =
        CertificateAuthorityReader.read(root.section("certificateAuthority"));
    AdminConfig admin = AdminReader.read(root.section("admin"));
    ServerConfig.Metrics metrics = MetricsReader.read(root.section("metrics"));
    DatabaseConfig database = DatabaseReader.read(root);
    InventoryConfig inventory = InventoryReader.read(root.section("inventory"));
    MessagesConfig messages = MessagesReader.read(root.section("messages"));
    AccessLogConfig accessLog = AccessLogReader.read(root);
    ServerConfig config =
        new ServerConfig(
            dataDirectory,
            devices,
            listeners,
            mail,
            routes,
            microsoft365,
            upstream,
            signIn,
            authority,
            admin,
            metrics,
            database,
            inventory,
            messages,
            accessLog,
            NotifyReader.read(root),
            LogReader.read(root.section("log"), accessLog),
            limits(root.section("limits")),
            root.word("transport", Words.of(ServerConfig.Transport.values())).orElseThrow(),
            root.word("rsa", Words.of(ServerConfig.Rsa.values())).orElseThrow());
    root.end();
    return config;
  }

  private static ServerConfig.Devices devices(Section section) {
    List<Cidr> allow =
        section.list("allow", "address blocks, such as 10.0.0.0/8 or \"fc00::/7\"", Cidr::parse);
    ServerConfig.Devices devices =
        new ServerConfig.Devices(
            allow,
            DeviceNamesReader.read(section),
            section.value("namesFile", PATH, FilePath::parse).orElse(null),
            section.flag("reverseDns"));
    section.end();
    return devices;
  }

  private static List<ListenerConfig> listeners(Section root, @Nullable MailPolicy mail) {
    if (!root.has("listeners")) {
      root.missing(
          "listeners",
          "a list of at least one listener",
          "add a listener, so that devices can connect: tls-uplift manual listeners");
    }
    return (root.has("listeners") ? root.sections("listeners") : List.<Section>of())
        .stream().map(section -> ListenerReader.read(section, mail)).toList();
  }

  private static ServerConfig.Limits limits(Section section) {
    Duration fiveMinutes = Duration.ofMinutes(5);
    ServerConfig.Limits limits =
        new ServerConfig.Limits(
            section.integer("maxSessions", 1, MAX_SESSIONS),
            section.integer("maxSessionsPerDevice", 1, MAX_SESSIONS),
            section.integer("ipv6Prefix", DeviceNetworks.SHORTEST, DeviceNetworks.LONGEST),
            section.integer("handshakesPerSecond", 1, MAX_HANDSHAKES),
            section.integer("handshakeBurst", 1, MAX_HANDSHAKES),
            section.duration("negotiationTimeout", TENTH, fiveMinutes),
            section.duration("handshakeTimeout", TENTH, fiveMinutes),
            section.duration("idleTimeout", Duration.ofSeconds(1), Duration.ofHours(24)),
            section.duration("stopGrace", Duration.ZERO, fiveMinutes),
            section.duration("drainTimeout", Duration.ZERO, Duration.ofHours(1)));
    section.end();
    return limits;
  }
}
