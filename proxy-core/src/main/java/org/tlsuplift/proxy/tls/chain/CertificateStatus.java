package org.tlsuplift.proxy.tls.chain;

import java.security.cert.CRLReason;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What an issuer says about the revocation of a certificate. */
public sealed interface CertificateStatus {
  /**
   * It was not revoked.
   *
   * @param until when the issuer will have said something newer
   */
  record Good(Instant until) implements CertificateStatus {}

  /**
   * It was revoked.
   *
   * @param detail when and why, for the operator
   */
  record Revoked(String detail) implements CertificateStatus {
    /** The reasons by their numbers (RFC 5280 section 5.3.1), in whose order the JDK has them. */
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
   * That is not known.
   *
   * @param why for the operator
   */
  record Unknown(String why) implements CertificateStatus {}
}
