package org.tlsuplift.server.daemon.ca;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.ca.CaDifferences;
import org.tlsuplift.proxy.ca.CaException;
import org.tlsuplift.proxy.ca.CaSettings;
import org.tlsuplift.proxy.ca.CaStore;
import org.tlsuplift.proxy.ca.Extensions;
import org.tlsuplift.proxy.ca.IssuingCa;
import org.tlsuplift.proxy.ca.LeafSettings;
import org.tlsuplift.proxy.ca.OperatorCa;
import org.tlsuplift.proxy.keyfile.KeyFileException;
import org.tlsuplift.proxy.route.SignableNames;
import org.tlsuplift.server.config.AdminConfig;
import org.tlsuplift.server.config.CertificateAuthorityConfig;
import org.tlsuplift.server.config.ServerConfig;
import org.tlsuplift.server.config.check.PasswordFile;

/** The authority for all listeners: from the operator's files, or the data directory. */
final class CommonCaSource implements CaSource {
  /** As the alert: all devices have to be visited. */
  private static final Duration NOTICE = Duration.ofDays(90);

  private final CertificateAuthorityConfig config;
  private final SignableNames names;
  private final List<String> adminNames;
  private final CaStore store;
  private final Clock clock;

  /** The authority of a checked configuration. */
  CommonCaSource(ServerConfig config, Clock clock) {
    this.clock = clock;
    this.config = config.certificateAuthority();
    SignableNames ofListeners =
        ConfiguredNames.of(
            config,
            config.listeners().stream().filter(each -> each.certificate() == null).toList());
    this.names =
        config.admin().tls() instanceof AdminConfig.Tls.Auto
            ? ofListeners.with(config.admin().certificateNames())
            : ofListeners;
    this.adminNames = config.admin().serverNames();
    this.store = new CaStore(config.dataDirectory().resolve("ca"));
  }

  /** Whether the operator gave it; if not, it is made and kept in the data directory. */
  private boolean isOperators() {
    return config.certificate() != null || config.pkcs12() != null;
  }

  @Override
  public Path file() {
    return Optional.ofNullable(config.certificate())
        .or(() -> Optional.ofNullable(config.pkcs12()))
        .orElse(store.certificateFile());
  }

  @Override
  public IssuingCa open(Consumer<String> progress) throws CaException {
    return isOperators() ? operators() : store.open(settings(), progress);
  }

  @Override
  public Optional<IssuingCa> find() throws CaException {
    if (isOperators()) {
      return Optional.of(operators());
    }
    return store.exists() ? Optional.of(store.load()) : Optional.empty();
  }

  @Override
  public IssuingCa rotate(Consumer<String> progress) throws CaException {
    if (isOperators()) {
      throw new CaException(
          file() + " is your own CA, which is not made here; replace the file, and restart");
    }
    return store.rotate(settings(), progress);
  }

  @Override
  public List<String> warnings(IssuingCa ca) {
    String remedy = "run 'tls-uplift ca rotate' (or replace your own CA)";
    List<String> warnings = new ArrayList<>(ConfiguredNames.warnings(names, ca, remedy));
    Duration left = Duration.between(clock.instant(), ca.expiresAt());
    if (left.compareTo(NOTICE) < 0) {
      warnings.add(
          "the certificate authority "
              + file()
              + " expires on "
              + ca.expiresAt()
              + ", in "
              + Math.max(0, left.toDays())
              + " days; devices refuse all that it signs from then on: "
              + remedy
              + ", restart, and give the devices the new certificate");
    }
    if (!isOperators()) {
      warnings.addAll(
          CaSource.madeOtherwise(
              file(),
              CaDifferences.of(
                  ca, config.keyAlgorithm(), config.signature(), nameConstraints(), Extensions.ALL),
              "tls-uplift ca rotate"));
    }
    return warnings;
  }

  @Override
  public List<String> notes(IssuingCa ca) throws CaException {
    return isOperators() ? List.of() : CaSource.notes(ca, store, "tls-uplift ca rotate");
  }

  @Override
  public LeafSettings leafSettings() {
    LeafSettings defaults = LeafSettings.defaults();
    return new LeafSettings(
        config.signature(), defaults.cached(), defaults.lifetime(), defaults.form());
  }

  private CaSettings settings() {
    return new CaSettings(
        config.keyAlgorithm(),
        config.signature(),
        nameConstraints(),
        ConfiguredNames.ofNewAuthority(names.with(adminNames)),
        CaSettings.commonNameFor(ConfiguredNames.thisHost()),
        CaSettings.DEFAULT_VALID_FROM,
        CaSettings.DEFAULT_LIFETIME,
        Extensions.ALL);
  }

  private boolean nameConstraints() {
    // A route to every host cannot be said as a constraint.
    return config.nameConstraints() && !names.everything();
  }

  private IssuingCa operators() throws CaException {
    Path certificate = config.certificate();
    Path key = config.key();
    Path pkcs12 = config.pkcs12();
    if (certificate != null && key != null) {
      return OperatorCa.fromPem(certificate, key, password());
    }
    if (pkcs12 != null) {
      return OperatorCa.fromPkcs12(pkcs12, Optional.ofNullable(password()).orElse(""));
    }
    throw new IllegalStateException("a checked configuration has a key for its certificate");
  }

  private @Nullable String password() throws CaException {
    try {
      return PasswordFile.read(config.passwordFile());
    } catch (KeyFileException unusable) {
      throw new CaException(String.valueOf(unusable.getMessage()), unusable);
    }
  }
}
