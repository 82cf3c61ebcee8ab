package org.tlsuplift.proxy.tls.failure;

import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.Explanation;
import org.tlsuplift.proxy.tls.OriginIdentity;

/** The meaning of an origin's alert about a certificate: our client certificate. */
final class IdentityRefusals {
  private static final int CERTIFICATE_REQUIRED = 116;
  private static final String SEE = "see 'clientCertificate' in the routes";

  private IdentityRefusals() {}

  /** Whether an origin's alert is about our certificate (RFC 8446 section 6.2). */
  static boolean isOne(int alert) {
    return (alert >= 41 && alert <= 46)
        || alert == 48
        || alert == 49
        || alert == CERTIFICATE_REQUIRED;
  }

  /**
   * What happened and what to do.
   *
   * @param identity what could have been presented; null if nothing, or unknown
   */
  static Explanation of(int alert, @Nullable OriginIdentity identity) {
    String name = AlertNames.of(alert);
    if (alert == CERTIFICATE_REQUIRED || alert == 41) {
      return demanded(name, identity);
    }
    return identity == null
        ? Explanation.of(
            "the origin refuses our client certificate or misses one (%s%s)"
                .formatted(name, why(alert)),
            SEE)
        : new Explanation(
            "the origin refuses our client certificate (%s%s)".formatted(name, why(alert)),
            SEE,
            "it is %s, issued by %s, expires %s"
                .formatted(
                    identity.subject(),
                    identity.certificate().getIssuerX500Principal().getName(),
                    identity.expiresAt()));
  }

  private static Explanation demanded(String alert, @Nullable OriginIdentity identity) {
    return identity == null
        ? Explanation.of(
            "the origin demands a client certificate (%s)".formatted(alert),
            "give the route one: 'clientCertificate'")
        : new Explanation(
            "the origin demands another kind of client certificate than ours (%s)".formatted(alert),
            "give the route one with another kind of key, RSA or EC",
            "ours is " + identity.subject());
  }

  /**
   * A handshake_failure after the origin has shown its certificate is about ours (RFC 5246 section
   * 7.4.6).
   */
  static Explanation afterOurs(@Nullable OriginIdentity identity) {
    return identity == null
        ? demanded("handshake_failure", null)
        : new Explanation(
            "the origin refuses our client certificate (handshake_failure)",
            SEE,
            "it is " + identity.subject());
  }

  private static String why(int alert) {
    return switch (alert) {
      case 43 -> ", its kind or purpose is not allowed there";
      case 44 -> ", its issuer has revoked it";
      case 45 -> ", it has expired, or a clock is wrong";
      case 48 -> ", unknown issuer or missing intermediate";
      case 49 -> ", it is valid but may not do this";
      default -> "";
    };
  }
}
