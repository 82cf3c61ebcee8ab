package org.tlsuplift.server.daemon;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.ca.CaException;
import org.tlsuplift.proxy.ca.CaSettings;
import org.tlsuplift.proxy.ca.CaStore;
import org.tlsuplift.proxy.ca.IssuingCa;
import org.tlsuplift.proxy.ca.KeyAlgorithm;
import org.tlsuplift.proxy.ca.LeafSettings;
import org.tlsuplift.proxy.ca.OperatorCa;
import org.tlsuplift.proxy.ca.PermittedNames;
import org.tlsuplift.proxy.ca.SignatureHash;
import org.tlsuplift.proxy.keyfile.KeyFileException;
import org.tlsuplift.proxy.route.SignableNames;
import org.tlsuplift.server.config.ConfiguredRoutes;
import org.tlsuplift.server.config.PasswordFile;
import org.tlsuplift.server.config.ServerConfig;

/** Where the certificate authority comes from: the operator's files, or the data directory. */
public final class CaSource {
  private final ServerConfig.CertificateAuthority config;
  private final SignableNames names;
  private final CaStore store;

  /** The authority of a checked configuration. */
  public CaSource(ServerConfig config) {
    this.config = config.certificateAuthority();
    this.names =
        ConfiguredRoutes.of(config.routes())
            .signableNames()
            .with(
                config.listeners().stream()
                    .flatMap(listener -> listener.serverNames().stream())
                    .toList());
    this.store = new CaStore(config.dataDirectory().resolve("ca"));
  }

  /** Whether the operator gave it; if not, it is made and kept in the data directory. */
  public boolean isOperators() {
    return config.certificate() != null || config.pkcs12() != null;
  }

  /** The file with its certificate. */
  public Path file() {
    return Optional.ofNullable(config.certificate())
        .or(() -> Optional.ofNullable(config.pkcs12()))
        .orElse(store.certificateFile());
  }

  /**
   * Loads it; makes it if it is to be made here and is not there yet.
   *
   * @param progress told in lines for the operator
   * @throws CaException when it cannot be loaded or made
   */
  public IssuingCa open(Consumer<String> progress) throws CaException {
    return isOperators() ? operators() : store.open(settings(), progress);
  }

  /**
   * Loads it if it is there.
   *
   * @throws CaException when it is there and cannot be loaded
   */
  public Optional<IssuingCa> find() throws CaException {
    if (isOperators()) {
      return Optional.of(operators());
    }
    return store.exists() ? Optional.of(store.load()) : Optional.empty();
  }

  /**
   * Makes a new one in place of the old.
   *
   * @param progress told in lines for the operator
   * @throws CaException when it is the operator's, or cannot be made
   */
  public IssuingCa rotate(Consumer<String> progress) throws CaException {
    if (isOperators()) {
      throw new CaException(
          file() + " is your own CA, which is not made here; replace the file, and restart");
    }
    return store.rotate(settings(), progress);
  }

  /** What the routes need and that authority may not sign; empty when all is well. */
  public List<String> notCovered(IssuingCa ca) {
    return names.everything() ? List.of() : ca.namesNotCovered(permitted());
  }

  /** Says in one line that these names are not covered, and what to do. */
  public static String notCoveredText(List<String> missing) {
    return "the certificate authority may not sign for names that the routes reach: "
        + String.join(", ", missing)
        + "; devices that ask for them are refused until you run 'tls-uplift ca rotate' (or replace"
        + " your own CA), restart, and give the devices the new certificate";
  }

  /** How leaves are signed. */
  LeafSettings leafSettings() {
    LeafSettings defaults = LeafSettings.defaults();
    return new LeafSettings(signature(), defaults.cached(), defaults.lifetime());
  }

  private CaSettings settings() {
    return new CaSettings(
        switch (config.keyAlgorithm()) {
          case RSA_2048 -> KeyAlgorithm.RSA_2048;
          case RSA_3072 -> KeyAlgorithm.RSA_3072;
          case RSA_4096 -> KeyAlgorithm.RSA_4096;
          case EC_P256 -> KeyAlgorithm.EC_P256;
        },
        signature(),
        // A route to every host cannot be said as a constraint.
        config.nameConstraints() && !names.everything(),
        permitted(),
        CaSettings.commonNameFor(hostName()),
        CaSettings.DEFAULT_VALID_FROM,
        CaSettings.DEFAULT_LIFETIME);
  }

  private SignatureHash signature() {
    return switch (config.signature()) {
      case SHA256 -> SignatureHash.SHA256;
      case SHA384 -> SignatureHash.SHA384;
    };
  }

  private PermittedNames permitted() {
    return new PermittedNames(names.dnsSuffixes(), names.cidrs());
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

  private static String hostName() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException unnamed) {
      return "on a host without a name";
    }
  }
}
