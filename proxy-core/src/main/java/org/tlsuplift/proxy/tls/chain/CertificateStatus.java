package org.tlsuplift.proxy.tls.chain;

import java.security.cert.CRLReason;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** An issuer's statement about the revocation of a certificate. */
public sealed interface CertificateStatus {
  /**
   * Not revoked.
   *
   * @param until the time of the issuer's next update
   */
  record Good(Instant until) implements CertificateStatus {}

  /**
   * Revoked.
   *
   * @param detail the time and the reason, for the operator
   */
  record Revoked(String detail) implements CertificateStatus {
    /** The reasons by number (RFC 5280 section 5.3.1); the JDK has the same order. */
    private static final List<CRLReason> REASONS = List.of(CRLReason.values());

    static Revoked since(Date when, int reason) {
      return reason >= 0 && reason < REASONS.size()
          ? since(when, REASONS.get(reason))
          : new Revoked(when.toInstant() + ", reason " + reason);
    }

    static Revoked since(Date when, @Nullable CRLReason reason) {
      String name = (reason == null ? CRLReason.UNSPECIFIED : reason).name();
      return new Revoked(when.toInstant() + ", " + name.toLowerCase(Locale.ROOT).replace('_', ' '));
    }
  }

  /**
   * Unknown.
   *
   * @param why the reason, for the operator
   */
  record Unknown(String why) implements CertificateStatus {}
}
