package org.tlsuplift.server.inventory;

import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.ClientHello;
import org.tlsuplift.proxy.model.TlsParameters;
import org.tlsuplift.proxy.route.UpgradeNeed;
import org.tlsuplift.proxy.tls.TlsProfile;

/**
 * Why a listener with {@code profile: modern} would not work for a device, the worst first. A
 * {@link Verdict} is about Microsoft 365, which is not quite as strict.
 */
public enum Need {
  /** It continued without TLS. */
  NO_ENCRYPTION,
  /** It offered no version from TLS 1.2 up. */
  TOO_OLD,
  /** It offered TLS 1.2, but only TLS_RSA. */
  ONLY_TLS_RSA,
  /** It offered TLS 1.2, but no suite that Microsoft 365 accepts. */
  NO_ACCEPTED_SUITE,
  /**
   * Microsoft 365 would accept it, but this proxy bridged it with a suite that modern listeners do
   * not offer: ECDHE with AES in CBC.
   */
  OLD_SUITE;

  private final String label = name().toLowerCase(Locale.ROOT);

  /** As in the database, JSON and CSV. */
  public String label() {
    return label;
  }

  public static Need ofLabel(String label) {
    return valueOf(label.toUpperCase(Locale.ROOT));
  }

  /**
   * The need that a device shows.
   *
   * @param plaintext whether it continues without TLS
   * @param hello what it offers, or null
   * @param bridged what it agreed on with this proxy, or null
   * @return empty when it shows none
   */
  public static Optional<Need> of(
      boolean plaintext, @Nullable ClientHello hello, @Nullable TlsParameters bridged) {
    if (plaintext) {
      return Optional.of(NO_ENCRYPTION);
    }
    Optional<Need> offered = hello == null ? Optional.empty() : lacking(UpgradeNeed.kind(hello));
    return offered.or(() -> agreed(bridged));
  }

  private static Optional<Need> lacking(UpgradeNeed.Kind kind) {
    return switch (kind) {
      case VERSION -> Optional.of(TOO_OLD);
      case ONLY_TLS_RSA -> Optional.of(ONLY_TLS_RSA);
      case SUITES -> Optional.of(NO_ACCEPTED_SUITE);
      case NONE -> Optional.empty();
    };
  }

  private static Optional<Need> agreed(@Nullable TlsParameters agreed) {
    if (agreed == null) {
      return Optional.empty();
    }
    if (agreed.version().isLegacy()) {
      return Optional.of(TOO_OLD);
    }
    return TlsProfile.MODERN.cipherSuites().contains(agreed.cipherSuite())
        ? Optional.empty()
        : Optional.of(OLD_SUITE);
  }
}
