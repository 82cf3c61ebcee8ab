package org.tlsuplift.server.daemon.watch;

import java.time.Duration;
import java.time.Instant;
import org.tlsuplift.proxy.tls.OriginIdentity;

/**
 * What there is to say about the time that a certificate of the operator has left.
 *
 * @param state how urgent it is
 * @param text one line for the operator; empty while all is well
 */
public record CertificateExpiry(State state, String text) {
  /** How long before the end the operator is warned: renewing by hand takes weeks. */
  static final Duration NOTICE = Duration.ofDays(30);

  /** How urgent it is. */
  public enum State {
    /** More than 30 days are left. */
    GOOD,
    /** It ends within 30 days. */
    ENDING,
    /** It has ended, and it is refused. */
    EXPIRED
  }

  public static CertificateExpiry of(IdentityUse use, OriginIdentity identity, Instant now) {
    Duration left = Duration.between(now, identity.expiresAt());
    String which = "the " + use.kind() + " " + identity.subject() + use.place();
    String remedy =
        "; put the renewed one in the place of its files: it is taken without a restart";
    if (left.isNegative() || left.isZero()) {
      return new CertificateExpiry(
          State.EXPIRED,
          which + " expired on " + identity.expiresAt() + ", and " + use.refused() + remedy);
    }
    return left.compareTo(NOTICE) > 0
        ? new CertificateExpiry(State.GOOD, "")
        : new CertificateExpiry(
            State.ENDING,
            which
                + " expires on "
                + identity.expiresAt()
                + ", in "
                + left.toDays()
                + " days"
                + remedy);
  }
}
