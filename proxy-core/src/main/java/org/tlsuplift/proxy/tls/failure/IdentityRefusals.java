package org.tlsuplift.proxy.tls.failure;

import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.tls.OriginIdentity;

/** The meaning of an origin's alert about a certificate: our client certificate. */
final class IdentityRefusals {
  private static final int CERTIFICATE_REQUIRED = 116;

  private IdentityRefusals() {}

  /** Whether an origin's alert is about our certificate (RFC 8446 section 6.2). */
  static boolean isOne(int alert) {
    return (alert >= 41 && alert <= 46)
        || alert == 48
        || alert == 49
        || alert == CERTIFICATE_REQUIRED;
  }

  /**
   * What happened and what to do, in one line.
   *
   * @param identity what could have been presented; null if nothing, or unknown
   */
  static String text(int alert, @Nullable OriginIdentity identity) {
    String name = AlertNames.of(alert);
    if (alert == CERTIFICATE_REQUIRED || alert == 41) {
      return identity == null
          ? ("the origin demands a client certificate (%s); give the route one: "
                  + "'clientCertificate'")
              .formatted(name)
          : ("the origin demands a client certificate (%s) of another kind than ours (%s); give "
                  + "the route one with another kind of key, RSA or EC")
              .formatted(name, identity.subject());
    }
    return identity == null
        ? ("the origin refuses our client certificate or misses one (%s%s); see "
                + "'clientCertificate' in the routes")
            .formatted(name, why(alert))
        : ("the origin refuses our client certificate (%s%s): %s, issued by %s, expires %s; "
                + "see 'clientCertificate' in the routes")
            .formatted(
                name,
                why(alert),
                identity.subject(),
                identity.certificate().getIssuerX500Principal().getName(),
                identity.expiresAt());
  }

  /**
   * A handshake_failure after the origin has shown its certificate is about ours (RFC 5246 section
   * 7.4.6).
   */
  static String afterOurs(@Nullable OriginIdentity identity) {
    return identity == null
        ? "the origin demands a client certificate (handshake_failure); give the route one:"
            + " 'clientCertificate'"
        : "the origin refuses our client certificate (handshake_failure): "
            + identity.subject()
            + "; see 'clientCertificate' in the routes";
  }

  private static String why(int alert) {
    return switch (alert) {
      case 43 -> ", it is of a kind or for a purpose that is not allowed there";
      case 44 -> ", its issuer has revoked it";
      case 45 -> ", it has expired, or a clock is wrong";
      case 48 -> ", its issuer is not known there, or an intermediate certificate is missing";
      case 49 -> ", it is valid but may not do this";
      default -> "";
    };
  }
}
