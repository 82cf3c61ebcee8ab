package org.tlsuplift.server.authority;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.ca.CaSettings;
import org.tlsuplift.proxy.ca.Extensions;
import org.tlsuplift.proxy.ca.IssuingCa;
import org.tlsuplift.proxy.ca.KeyAlgorithm;
import org.tlsuplift.proxy.ca.LeafSettings;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.server.config.AdminConfig;
import org.tlsuplift.server.config.CertificateAuthorityConfig;
import org.tlsuplift.server.config.ListenerConfig;
import org.tlsuplift.server.config.ServerConfig;
import org.tlsuplift.server.config.secret.PasswordFile;

/** The CA for all listeners: from the operator's files, or in the data directory. */
final class CommonCaSource extends CaSource {
  /** The warning period, as in the alert: the operator must visit all devices. */
  private static final Duration NOTICE = Duration.ofDays(90);

  private final CertificateAuthorityConfig config;

  /** The CA of a checked configuration. */
  CommonCaSource(ServerConfig config, Clock clock) {
    this(
        config,
        config.listeners().stream().filter(each -> each.certificate().ownCa() == null).toList(),
        clock);
  }

  private CommonCaSource(ServerConfig config, List<ListenerConfig> listeners, Clock clock) {
    super(
        config,
        ConfiguredNames.of(config, listeners)
            .with(
                config.admin().tls() instanceof AdminConfig.Tls.Auto
                    ? config.admin().certificateNames()
                    : List.of()),
        Stream.concat(
                listeners.stream().flatMap(each -> each.certificate().serverNames().stream()),
                config.admin().serverNames().stream())
            .toList(),
        new CaStore(config.dataDirectory().resolve("ca")),
        clock);
    this.config = config.certificateAuthority();
  }

  /** Whether the operator provided the CA. If not, TLS Uplift creates it in the data directory. */
  private boolean isOperators() {
    return config.keyFiles().certificate() != null || config.keyFiles().pkcs12() != null;
  }

  @Override
  public Path file() {
    return Optional.ofNullable(config.keyFiles().certificate())
        .or(() -> Optional.ofNullable(config.keyFiles().pkcs12()))
        .orElse(super.file());
  }

  @Override
  public IssuingCa open(Consumer<String> progress) throws OperatorException {
    return isOperators() ? operators() : super.open(progress);
  }

  @Override
  public Optional<IssuingCa> find() throws OperatorException {
    return isOperators() ? Optional.of(operators()) : super.find();
  }

  @Override
  public CaRotation rotation() throws OperatorException {
    if (isOperators()) {
      throw new OperatorException(
          file() + " is your own CA, and TLS Uplift cannot stage the next one: " + replacing());
    }
    return super.rotation();
  }

  @Override
  public Optional<KeptCa> kept(KeptCa.Role role) throws OperatorException {
    return isOperators() ? Optional.empty() : super.kept(role);
  }

  @Override
  public List<Path> watched() {
    return isOperators() ? List.of() : super.watched();
  }

  @Override
  public String command(String verb) {
    return "tls-uplift ca " + verb;
  }

  @Override
  public String scope() {
    return "all listeners";
  }

  @Override
  public String staging() {
    return isOperators() ? replacing() : super.staging();
  }

  /** The daemon reads the operator's files only with its configuration. */
  private static String replacing() {
    return "install your next CA on the devices, replace the files, and run 'tls-uplift reload'";
  }

  @Override
  public List<String> warnings(IssuingCa ca) {
    List<String> warnings = new ArrayList<>(ConfiguredNames.warnings(names, ca, staging()));
    Duration left = Duration.between(clock.instant(), ca.expiresAt());
    if (left.compareTo(NOTICE) < 0) {
      warnings.add(
          "the CA %s expires on %s, in %s days; from then on devices refuse its certificates: %s"
              .formatted(file(), ca.expiresAt(), Math.max(0, left.toDays()), staging()));
    }
    if (!isOperators()) {
      warnings.addAll(
          madeOtherwise(
              CaDifferences.of(
                  ca,
                  config.keyAlgorithm(),
                  config.signature(),
                  nameConstraints(),
                  Extensions.ALL)));
    }
    return warnings;
  }

  @Override
  public List<String> notes(IssuingCa ca) throws OperatorException {
    return isOperators() ? List.of() : super.notes(ca);
  }

  @Override
  public LeafSettings leafSettings() {
    LeafSettings defaults = LeafSettings.defaults();
    return new LeafSettings(
        config.signature(),
        defaults.cached(),
        defaults.lifetime(),
        defaults.form(),
        config.leafKeys().contains(KeyAlgorithm.EC_P256));
  }

  @Override
  CaSettings settings() {
    return new CaSettings(
        config.keyAlgorithm(),
        config.signature(),
        nameConstraints(),
        ConfiguredNames.ofNewAuthority(names.with(server.admin().serverNames()), server),
        CaSettings.commonNameFor(ConfiguredNames.thisHost()),
        CaSettings.DEFAULT_VALID_FROM,
        CaSettings.DEFAULT_LIFETIME,
        Extensions.ALL);
  }

  private IssuingCa operators() throws OperatorException {
    Path certificate = config.keyFiles().certificate();
    Path key = config.keyFiles().key();
    Path pkcs12 = config.keyFiles().pkcs12();
    if (certificate != null && key != null) {
      return OperatorCa.fromPem(certificate, key, password());
    }
    if (pkcs12 != null) {
      return OperatorCa.fromPkcs12(pkcs12, Optional.ofNullable(password()).orElse(""));
    }
    throw new IllegalStateException("a checked configuration has a key for its certificate");
  }

  private @Nullable String password() throws OperatorException {
    return PasswordFile.read(config.keyFiles().passwordFile());
  }
}
