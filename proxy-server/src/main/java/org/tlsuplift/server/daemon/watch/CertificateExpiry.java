package org.tlsuplift.server.daemon.watch;

import java.time.Duration;
import java.time.Instant;
import org.tlsuplift.proxy.tls.OriginIdentity;

/**
 * The remaining time of an operator's certificate.
 *
 * @param text one line for the operator; empty if no action is needed
 */
public record CertificateExpiry(State state, String text) {
  /** Warnings start this early, because renewal by hand takes weeks. */
  static final Duration NOTICE = Duration.ofDays(30);

  /**
   * Of a short life, warnings start in the last of this many parts. A program renews such a
   * certificate, usually when a third of its life is left.
   */
  private static final int LAST_PART = 4;

  /** The urgency. */
  public enum State {
    /** More than 30 days, or a quarter of its life, are left. */
    GOOD,
    /** The certificate expires within that time. */
    ENDING,
    /** The certificate has expired, and peers reject it. */
    EXPIRED
  }

  public static CertificateExpiry of(IdentityUse use, OriginIdentity identity, Instant now) {
    Duration left = Duration.between(now, identity.expiresAt());
    String which = "the " + use.kind() + " " + identity.subject() + use.place();
    String remedy = "; " + use.remedy();
    if (left.isNegative() || left.isZero()) {
      return new CertificateExpiry(
          State.EXPIRED,
          which + " expired on " + identity.expiresAt() + ", and " + use.refused() + remedy);
    }
    return left.compareTo(notice(identity)) > 0
        ? new CertificateExpiry(State.GOOD, "")
        : new CertificateExpiry(
            State.ENDING,
            "%s expires on %s, in %s days%s"
                .formatted(which, identity.expiresAt(), left.toDays(), remedy));
  }

  /** How long before its end a person must know. */
  public static Duration notice(OriginIdentity identity) {
    Instant start = identity.certificate().getNotBefore().toInstant();
    Duration part = Duration.between(start, identity.expiresAt()).dividedBy(LAST_PART);
    return part.compareTo(NOTICE) < 0 ? part : NOTICE;
  }
}
