package org.tlsuplift.server.command;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.ca.CaException;
import org.tlsuplift.proxy.ca.CaExport;
import org.tlsuplift.proxy.ca.IssuingCa;
import org.tlsuplift.proxy.keyfile.KeyFileException;
import org.tlsuplift.proxy.mail.MailService;
import org.tlsuplift.proxy.model.Action;
import org.tlsuplift.proxy.route.Route;
import org.tlsuplift.proxy.tls.OriginIdentitySource;
import org.tlsuplift.server.config.ConfiguredRoutes;
import org.tlsuplift.server.config.ListenerCertificate;
import org.tlsuplift.server.config.ListenerConfig;
import org.tlsuplift.server.config.ServerConfig;
import org.tlsuplift.server.config.load.LoadedConfig;
import org.tlsuplift.server.config.yaml.ConfigProblem;
import org.tlsuplift.server.config.yaml.InvalidConfigException;
import org.tlsuplift.server.daemon.ConfigMapper;
import org.tlsuplift.server.daemon.InventorySource;
import org.tlsuplift.server.daemon.ResolvedConfig;
import org.tlsuplift.server.daemon.TlsRuntime;
import org.tlsuplift.server.daemon.ca.CaSource;
import org.tlsuplift.server.daemon.ca.ListenerCaSource;
import org.tlsuplift.server.daemon.ca.ListenerExpiry;
import org.tlsuplift.server.daemon.watch.CertificateExpiry;
import org.tlsuplift.server.daemon.watch.IdentityUse;
import org.tlsuplift.server.daemon.watch.IdentityWatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Says everything that is wrong with a configuration, or what it would run. */
@Command(
    name = "check",
    header = "Check a configuration, and say what it would run.",
    description = "Opens no port and writes nothing. Tells all problems at once, and exits with 2.")
final class CheckCommand implements Callable<Integer> {
  @Mixin private final ConfigOption config = new ConfigOption();
  @Mixin private final CommandOutput commandOutput = new CommandOutput();

  @Override
  public Integer call() throws Exception {
    LoadedConfig loaded = config.load();
    TlsRuntime.prepare(loaded);
    ResolvedConfig resolvedConfig = ConfigMapper.map(loaded);
    refuseOver(loaded);
    List<OriginIdentitySource> identities = identities(loaded.config());
    refuseExpired(loaded, identities);
    commandOutput.line("%s is good; it would run:".formatted(loaded.source()));
    for (int i = 0; i < loaded.config().listeners().size(); i++) {
      listener(loaded.config().listeners().get(i), resolvedConfig.listeners().get(i).mail());
    }
    for (int i = 0; i < loaded.config().routes().size(); i++) {
      route(i, loaded.config().routes().get(i));
    }
    commandOutput.line("  all else: deny");
    ConfigText.signIn(loaded.config()).forEach(commandOutput::line);
    commandOutput.line(
        "  upstream: TLSv1.2 to %s, origins verified against %s (%s)%s"
            .formatted(
                resolvedConfig.maximumUpstream(),
                DeviceText.count(resolvedConfig.trust().size(), "root certificate"),
                loaded.config().upstream().trust() == null
                    ? "system"
                    : loaded.config().upstream().trust(),
                ConfigText.of(loaded.config().upstream())));
    authority("certificate authority", CaSource.common(loaded.config()));
    for (ListenerCaSource own : CaSource.ofListeners(loaded.config())) {
      authority("certificate authority of the listener " + own.listener() + " alone", own);
    }
    identities.forEach(this::clientCertificate);
    commandOutput.line("  admin: " + ConfigText.of(loaded.config().admin()));
    metrics(loaded.config().metrics().otlp());
    commandOutput.line("  inventory: " + InventorySource.describe(loaded.config()));
    commandOutput.line("  transport: " + resolvedConfig.transport().label());
    ConfigText.warnings(loaded.config().upstream())
        .forEach(text -> commandOutput.line("warning: " + text));
    loaded.warnings().forEach(warning -> commandOutput.line("warning: " + warning));
    return 0;
  }

  private static List<OriginIdentitySource> identities(ServerConfig config)
      throws KeyFileException {
    try (IdentityWatch identities = IdentityWatch.open(config)) {
      return identities.sources();
    }
  }

  private void listener(ListenerConfig listener, @Nullable MailService mail) {
    commandOutput.line(
        "  listener %s: %s on %s%s%s, profile %s%s%s%s"
            .formatted(
                listener.name(),
                listener.accept().label()
                    + (listener.origin() == null ? "" : " to " + listener.origin())
                    + users(listener.users()),
                ConfigText.commas(listener.bind()) + (listener.reusePort() ? " (shared)" : ""),
                listener.proxyProtocol() == null
                    ? ""
                    : " behind PROXY headers from "
                        + ConfigText.commas(listener.proxyProtocol().from()),
                ConfigText.of(mail) + (listener.signIn() ? ", devices sign in here" : ""),
                listener.profile().label(),
                listener.until() == null
                    ? ""
                    : " until "
                        + listener.until()
                        + " for "
                        + ConfigText.commas(listener.devices())
                        + certificate(listener.certificate()),
                listener.serverNames().isEmpty()
                    ? ""
                    : ", also known as " + String.join(", ", listener.serverNames()),
                listener.whenModern() == null
                    ? ""
                    : ", modern devices: " + listener.whenModern().label()));
  }

  private void metrics(ServerConfig.@Nullable Otlp otlp) {
    if (otlp != null) {
      commandOutput.line(
          "  metrics: also to %s, every %d s".formatted(otlp.url(), otlp.interval().toSeconds()));
    }
  }

  private static String certificate(@Nullable ListenerCertificate certificate) {
    return certificate == null
        ? ""
        : " with certificates of its own (%s, %s, names: %s, extensions: %s)"
            .formatted(
                certificate.keyAlgorithm(),
                certificate.signature(),
                certificate.names().label(),
                certificate.extensions().label());
  }

  private static String users(List<ListenerConfig.User> users) {
    return users.isEmpty()
        ? ""
        : users.stream()
            .map(ListenerConfig.User::name)
            .collect(Collectors.joining(", ", " for ", ""));
  }

  private void route(int index, ServerConfig.Route route) {
    commandOutput.line(
        "  routes[%d]: %s%s: %s%s"
            .formatted(
                index,
                route.action().label(),
                route.action() == Action.BRIDGE
                    ? " (modern devices: "
                        + route.whenModern().label()
                        + (route.clientCertificate() == null ? ")" : ", client certificate)")
                    : "",
                String.join(", ", route.to()),
                ConfigText.of(route)));
  }

  private void clientCertificate(OriginIdentitySource source) {
    commandOutput.line(
        "  client certificate for %s: %s, expires %s"
            .formatted(source.name(), source.current().subject(), source.current().expiresAt()));
    CertificateExpiry expiry = expiry(source);
    if (expiry.state() == CertificateExpiry.State.ENDING) {
      commandOutput.line("warning: " + expiry.text());
    }
  }

  /** The daemon would run with them, for the sake of its other routes, but these are of no use. */
  private static void refuseExpired(LoadedConfig loaded, List<OriginIdentitySource> sources)
      throws InvalidConfigException {
    List<Route> routes = ConfiguredRoutes.of(loaded.config().routes()).routes();
    List<ConfigProblem> problems = new ArrayList<>();
    for (OriginIdentitySource source : sources) {
      CertificateExpiry expiry = expiry(source);
      for (int i = 0; i < routes.size(); i++) {
        if (expiry.state() == CertificateExpiry.State.EXPIRED
            && source.name().equals(routes.get(i).clientCertificate())) {
          problems.add(
              new ConfigProblem("routes[" + i + "].clientCertificate", expiry.text(), "", ""));
        }
      }
    }
    if (!problems.isEmpty()) {
      throw new InvalidConfigException(loaded.source(), problems);
    }
  }

  /** The daemon would run without them, for the sake of its other listeners. */
  private static void refuseOver(LoadedConfig loaded) throws InvalidConfigException {
    List<ConfigProblem> problems = new ArrayList<>();
    List<ListenerConfig> listeners = loaded.config().listeners();
    for (ListenerExpiry expiry : ListenerExpiry.of(loaded.config())) {
      if (expiry.isOver(Instant.now())) {
        int index =
            listeners.stream().map(ListenerConfig::name).toList().indexOf(expiry.listener());
        problems.add(
            new ConfigProblem(
                "listeners[" + index + "].until",
                "'" + expiry.until() + "' is over, and the listener accepts nobody",
                "a day to come",
                "remove the listener, or give it a later day"));
      }
    }
    if (!problems.isEmpty()) {
      throw new InvalidConfigException(loaded.source(), problems);
    }
  }

  private static CertificateExpiry expiry(OriginIdentitySource source) {
    return CertificateExpiry.of(IdentityUse.client(source.name()), source.current(), Instant.now());
  }

  private void authority(String what, CaSource source) throws CaException {
    Optional<IssuingCa> found = source.find();
    if (found.isEmpty()) {
      commandOutput.line("  %s: %s, made at the first start".formatted(what, source.file()));
      return;
    }
    IssuingCa ca = found.get();
    commandOutput.line(
        "  %s: %s, expires %s, SHA-256 %s"
            .formatted(what, source.file(), ca.expiresAt(), CaExport.sha256(ca.anchor())));
    source.warnings(ca).forEach(warning -> commandOutput.line("warning: " + warning));
    source.notes(ca).forEach(note -> commandOutput.line("note: " + note));
  }
}
