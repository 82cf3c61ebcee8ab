package org.tlsuplift.proxy.tls.failure;

import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.Explanation;
import org.tlsuplift.proxy.tls.OriginIdentity;

/** Explains an origin's alert about the proxy's client certificate. */
final class IdentityRefusals {
  private static final int CERTIFICATE_REQUIRED = 116;
  private static final String REMEDY = "check 'clientCertificate' in the route";

  private IdentityRefusals() {}

  /** Whether an origin's alert is about the client certificate (RFC 8446 section 6.2). */
  static boolean isOne(int alert) {
    return (alert >= 41 && alert <= 46)
        || alert == 48
        || alert == 49
        || alert == CERTIFICATE_REQUIRED;
  }

  /**
   * The cause and the remedy.
   *
   * @param identity the client certificate for this origin; null if there is none or it is unknown
   */
  static Explanation of(int alert, @Nullable OriginIdentity identity) {
    String name = AlertNames.of(alert);
    if (alert == CERTIFICATE_REQUIRED || alert == 41) {
      return demanded(name, identity);
    }
    return identity == null
        ? Explanation.of(
            "the origin refuses the client certificate or requires one (%s%s)"
                .formatted(name, why(alert)),
            REMEDY)
        : new Explanation(
            "the origin refuses the client certificate (%s%s)".formatted(name, why(alert)),
            REMEDY,
            "the certificate is %s, issued by %s, expires %s"
                .formatted(
                    identity.subject(),
                    identity.certificate().getIssuerX500Principal().getName(),
                    identity.expiresAt()));
  }

  private static Explanation demanded(String alert, @Nullable OriginIdentity identity) {
    return identity == null
        ? Explanation.of(
            "the origin requires a client certificate (%s)".formatted(alert),
            "set 'clientCertificate' in the route")
        : new Explanation(
            "the origin requires a client certificate with another key type (%s)".formatted(alert),
            "use the other key type, RSA or EC, for 'clientCertificate'",
            "the certificate is " + identity.subject());
  }

  /**
   * Explains a handshake_failure that follows the origin's certificate: the client certificate is
   * the cause (RFC 5246 section 7.4.6).
   */
  static Explanation afterCertificate(@Nullable OriginIdentity identity) {
    return identity == null
        ? demanded("handshake_failure", null)
        : new Explanation(
            "the origin refuses the client certificate (handshake_failure)",
            REMEDY,
            "the certificate is " + identity.subject());
  }

  private static String why(int alert) {
    return switch (alert) {
      case 43 -> ", type or purpose not allowed";
      case 44 -> ", revoked";
      case 45 -> ", expired, or a clock is wrong";
      case 48 -> ", unknown issuer or missing intermediate";
      case 49 -> ", valid but not authorised";
      default -> "";
    };
  }
}
