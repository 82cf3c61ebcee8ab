package org.tlsuplift.server.authority;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.tlsuplift.proxy.ca.CaSettings;
import org.tlsuplift.proxy.ca.Extensions;
import org.tlsuplift.proxy.ca.IssuingCa;
import org.tlsuplift.proxy.ca.LeafForm;
import org.tlsuplift.proxy.ca.LeafSettings;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.server.config.ListenerCertificate;
import org.tlsuplift.server.config.ListenerConfig;
import org.tlsuplift.server.config.ServerConfig;

/**
 * The CA of one antique listener, in a separate directory below the data directory.
 *
 * <p>The CA is weak, so it expires soon after the listener's last day: devices must not trust it
 * longer than necessary.
 */
public final class ListenerCaSource extends CaSource {
  /** For devices whose clock is ahead. */
  private static final Duration MARGIN = Duration.ofDays(14);

  /** The most cached leaves, of a few kilobytes each. An antique listener has few devices. */
  private static final int CACHED = 1_000;

  private final ListenerExpiry expiry;
  private final ListenerCertificate certificate;

  ListenerCaSource(ServerConfig config, ListenerConfig listener) {
    super(
        config,
        ConfiguredNames.of(config, List.of(listener)),
        listener.certificate().serverNames(),
        CaStore.ofListener(
            config.dataDirectory().resolve("listeners").resolve(listener.name()), listener.name()),
        Clock.systemUTC());
    expiry = ListenerExpiry.of(listener);
    certificate = Objects.requireNonNull(listener.certificate().ownCa(), "certificate");
  }

  public String listener() {
    return expiry.listener();
  }

  @Override
  public String command(String verb) {
    return "tls-uplift ca " + verb + " --listener " + listener();
  }

  @Override
  public String scope() {
    return "the listener " + listener();
  }

  @Override
  public List<String> warnings(IssuingCa ca) {
    List<String> warnings = new ArrayList<>();
    if (ca.expiresAt().isBefore(expiry.end())) {
      warnings.add(
          "the CA of the listener %s expires on %s, before the last day of the listener (%s); from then on its devices refuse the listener: %s"
              .formatted(listener(), ca.expiresAt(), expiry.until(), staging()));
    }
    warnings.addAll(ConfiguredNames.warnings(names, ca, staging()));
    warnings.addAll(
        madeOtherwise(
            CaDifferences.of(
                ca,
                certificate.keyAlgorithm(),
                certificate.signature(),
                nameConstraints(),
                certificate.extensions())));
    return warnings;
  }

  @Override
  boolean nameConstraints() {
    return certificate.extensions() == Extensions.ALL && super.nameConstraints();
  }

  @Override
  public LeafSettings leafSettings() {
    return new LeafSettings(
        certificate.signature(),
        CACHED,
        LeafSettings.ANTIQUE_LIFETIME,
        new LeafForm(
            certificate.keyAlgorithm(),
            certificate.names() == ListenerCertificate.Names.ONE,
            certificate.extensions()));
  }

  @Override
  CaSettings settings() throws OperatorException {
    Instant now = clock.instant();
    if (expiry.isOver(now)) {
      throw new OperatorException(expiry.text(now));
    }
    return new CaSettings(
        certificate.keyAlgorithm(),
        certificate.signature(),
        nameConstraints(),
        ConfiguredNames.ofNewAuthority(names, server),
        CaSettings.commonNameFor(ConfiguredNames.thisHost(), listener()),
        CaSettings.DEFAULT_VALID_FROM,
        Duration.between(now, expiry.end().plus(MARGIN)),
        certificate.extensions());
  }
}
