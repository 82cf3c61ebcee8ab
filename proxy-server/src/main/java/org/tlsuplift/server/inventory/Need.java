package org.tlsuplift.server.inventory;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.ClientHello;
import org.tlsuplift.proxy.model.Labelled;
import org.tlsuplift.proxy.model.TlsParameters;
import org.tlsuplift.proxy.route.UpgradeNeed;
import org.tlsuplift.proxy.tls.TlsProfile;

/**
 * Why a device cannot use a listener with {@code profile: modern}, the worst reason first. A {@link
 * Verdict} is about Microsoft 365, which accepts slightly more.
 */
public enum Need implements Labelled {
  /** The device continued without TLS. */
  NO_ENCRYPTION,
  /** The device offered no version from TLS 1.2 up. */
  TOO_OLD,
  /** The device offered TLS 1.2, but only TLS_RSA suites. */
  ONLY_TLS_RSA,
  /** The device offered TLS 1.2, but no suite that Microsoft 365 accepts. */
  NO_ACCEPTED_SUITE,
  /**
   * Microsoft 365 accepts what the device offered, but this proxy agreed on a suite that modern
   * listeners do not offer: ECDHE with AES-CBC.
   */
  OLD_SUITE,
  /** Another version stored a need that this version does not know. */
  UNKNOWN;

  /**
   * Determines the need of a device from one session.
   *
   * @param plaintext whether the device continues without TLS
   * @param hello the ClientHello, or null
   * @param bridged the TLS parameters agreed with this proxy, or null
   * @return empty for no need
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
    return TlsProfile.MODERN.hasSuite(agreed.cipherSuite())
        ? Optional.empty()
        : Optional.of(OLD_SUITE);
  }
}
