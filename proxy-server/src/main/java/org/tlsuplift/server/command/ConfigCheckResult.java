package org.tlsuplift.server.command;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.tlsuplift.proxy.ca.IssuingCa;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.proxy.tls.CertificateNames;
import org.tlsuplift.proxy.tls.OriginIdentity;
import org.tlsuplift.proxy.tls.OriginIdentitySource;
import org.tlsuplift.proxy.tls.chain.Fingerprint;
import org.tlsuplift.server.authority.CaSource;
import org.tlsuplift.server.authority.KeptCas;
import org.tlsuplift.server.authority.ListenerCaSource;
import org.tlsuplift.server.command.text.ConfigText;
import org.tlsuplift.server.command.text.DeviceText;
import org.tlsuplift.server.command.text.ListenerText;
import org.tlsuplift.server.command.text.SignInText;
import org.tlsuplift.server.config.BindAddress;
import org.tlsuplift.server.config.LoadedConfig;
import org.tlsuplift.server.config.MetricsConfig;
import org.tlsuplift.server.config.ServerConfig;
import org.tlsuplift.server.config.binding.ConfigProblem;
import org.tlsuplift.server.config.binding.InvalidConfigException;
import org.tlsuplift.server.daemon.Features;
import org.tlsuplift.server.daemon.InventorySource;
import org.tlsuplift.server.daemon.watch.CertificateExpiry;
import org.tlsuplift.server.daemon.watch.ExpiryDay;
import org.tlsuplift.server.daemon.watch.IdentityUse;
import org.tlsuplift.server.daemon.watch.IdentityWatch;
import org.tlsuplift.server.daemon.watch.WatchedIdentity;
import org.tlsuplift.server.feature.HasRemarks;
import org.tlsuplift.server.mapping.ConfigMapper;
import org.tlsuplift.server.mapping.ResolvedConfig;
import org.tlsuplift.server.mapping.TlsRuntime;
import org.tlsuplift.server.mapping.TransportChoice;

/**
 * The result of checking a configuration that has no errors.
 *
 * @param lines what the daemon would run
 * @param warnings with their positions
 * @param notes about CAs
 */
record ConfigCheckResult(List<String> lines, List<ConfigProblem> warnings, List<String> notes) {

  /**
   * Checks a configuration against this machine and the files that it names.
   *
   * @throws InvalidConfigException if this machine cannot run it, or if a day or certificate has
   *     expired
   */
  static ConfigCheckResult of(LoadedConfig loaded) throws OperatorException {
    TlsRuntime.prepare(loaded.config());
    TlsRuntime.prove(loaded);
    ResolvedConfig resolved = ConfigMapper.map(loaded);
    ExpiredParts.refuseListeners(loaded);
    for (HasRemarks each : Features.having(HasRemarks.class, loaded)) {
      if (!each.refusal().isEmpty()) {
        throw new OperatorException(each.refusal());
      }
    }
    ConfigCheckResult result =
        new ConfigCheckResult(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    return result.with(loaded, resolved, IdentityWatch.open(loaded));
  }

  private ConfigCheckResult with(
      LoadedConfig loaded, ResolvedConfig resolved, IdentityWatch identities)
      throws OperatorException {
    ExpiredParts.refuseClientCertificates(loaded, identities.sources());
    ExpiredParts.refuseListenerCertificates(loaded, identities.listeners());
    ExpiredParts.refuseApplicationCertificates(loaded, identities.applications());
    paths(loaded.config(), resolved);
    authority("certificate authority", CaSource.common(loaded.config()));
    for (ListenerCaSource own : CaSource.ofListeners(loaded.config())) {
      authority("certificate authority of listener " + own.listener(), own);
    }
    identities.sources().forEach(this::clientCertificate);
    identities.listeners().forEach(this::listenerCertificate);
    secrets(loaded.config(), identities);
    surroundings(loaded.config(), resolved);
    addresses(loaded.config());
    warnings.addAll(ConfigText.warnings(loaded));
    for (HasRemarks each : Features.having(HasRemarks.class, loaded)) {
      each.warnings().forEach(text -> warnings.add(new ConfigProblem("", text, "", "")));
    }
    return new ConfigCheckResult(lines, located(loaded, warnings), List.copyOf(notes));
  }

  private static List<ConfigProblem> located(LoadedConfig loaded, List<ConfigProblem> found) {
    List<ConfigProblem> all = new ArrayList<>(loaded.yaml().positions().locate(found));
    all.addAll(loaded.warnings());
    return List.copyOf(all);
  }

  private void paths(ServerConfig config, ResolvedConfig resolved) throws InvalidConfigException {
    for (int i = 0; i < config.listeners().size(); i++) {
      lines.add(
          ListenerText.of(config.listeners().get(i), resolved.listeners().get(i).mail().service()));
    }
    for (int i = 0; i < config.routes().size(); i++) {
      lines.add("routes[%d]: %s".formatted(i, ConfigText.of(config.routes().get(i))));
    }
    lines.add("all other destinations: deny");
    lines.addAll(SignInText.lines(config));
    lines.add(
        "upstream: TLSv1.2 to %s, origins verified against %s (%s)%s"
            .formatted(
                resolved.maximumUpstream(),
                DeviceText.count(resolved.trust().size(), "root certificate"),
                config.upstream().trust() == null ? "system" : config.upstream().trust(),
                ConfigText.of(config.upstream())));
  }

  private void surroundings(ServerConfig config, ResolvedConfig resolved) throws OperatorException {
    lines.add("admin: " + ConfigText.of(config.admin()));
    MetricsConfig.Otlp otlp = config.metrics().otlp();
    if (otlp != null) {
      lines.add(
          "metrics: also to %s, every %d s".formatted(otlp.url(), otlp.interval().toSeconds()));
    }
    lines.add("inventory: " + InventorySource.describe(config));
    TransportChoice choice = TransportChoice.of(config.transport(), resolved.transport());
    lines.add("transport: " + choice.text());
  }

  /** The start with such an address fails, unless systemd passes its socket. */
  private void addresses(ServerConfig config) {
    for (int i = 0; i < config.listeners().size(); i++) {
      for (BindAddress bind : config.listeners().get(i).bind()) {
        elsewhere("listeners[" + i + "].bind", bind);
      }
    }
    elsewhere("admin.bind", config.admin().bind());
  }

  private void elsewhere(String path, BindAddress bind) {
    if (bind.isElsewhere()) {
      warnings.add(
          new ConfigProblem(
              path,
              "got '"
                  + bind
                  + "', which is not an address of this machine, so the start fails unless systemd opens the socket",
              "",
              "correct it; an address that moves between machines needs 'sysctl net.ipv4.ip_nonlocal_bind=1'"));
    }
  }

  private void clientCertificate(OriginIdentitySource source) {
    lines.add(
        "client certificate for %s: %s, expires %s"
            .formatted(source.name(), source.current().subject(), source.current().expiresAt()));
    IdentityUse use = IdentityUse.client(source.name());
    ending(CertificateExpiry.of(use, source.current(), Instant.now()));
  }

  private void listenerCertificate(WatchedIdentity source) {
    OriginIdentity current = source.current();
    lines.add(
        "certificate of listener %s: %s for %s, expires %s"
            .formatted(
                source.name(),
                current.subject(),
                CertificateNames.of(current.certificate()),
                current.expiresAt()));
    ending(source.expiry(Instant.now()));
  }

  /** The secrets and certificates of applications, and the tokens of the admin port. */
  private void secrets(ServerConfig config, IdentityWatch identities) {
    Instant now = Instant.now();
    identities.applications().forEach(each -> ending(each.expiry(now)));
    for (ExpiryDay each : ExpiryDay.of(config)) {
      if (each.state(now) != CertificateExpiry.State.GOOD) {
        warnings.add(new ConfigProblem(each.key(), each.text(now), "", ""));
      }
    }
  }

  private void ending(CertificateExpiry expiry) {
    if (expiry.state() == CertificateExpiry.State.ENDING) {
      warnings.add(new ConfigProblem("", expiry.text(), "", ""));
    }
  }

  private void authority(String what, CaSource source) throws OperatorException {
    Optional<IssuingCa> found = source.find();
    if (found.isEmpty()) {
      lines.add("%s: %s, created at the first start".formatted(what, source.file()));
      return;
    }
    IssuingCa ca = found.get();
    lines.add(
        "%s: %s, expires %s, SHA-256 %s"
            .formatted(what, source.file(), ca.expiresAt(), Fingerprint.sha256(ca.anchor())));
    KeptCas kept = KeptCas.of(source);
    Instant now = Instant.now();
    Stream.concat(source.warnings(ca).stream(), kept.warnings(source, now).stream())
        .forEach(text -> warnings.add(new ConfigProblem("", text, "", "")));
    notes.addAll(source.notes(ca));
    notes.addAll(kept.notes(source, now));
  }
}
