package org.tlsuplift.proxy.tls.chain;

import java.security.cert.CRLReason;
import java.util.Date;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Why certificates are revoked (RFC 5280 section 5.3.1), and when, for the operator. */
final class RevocationReasons {
  private static final List<String> BY_NUMBER =
      List.of(
          "unspecified",
          "key compromise",
          "ca compromise",
          "affiliation changed",
          "superseded",
          "cessation of operation",
          "certificate hold",
          "unused",
          "remove from crl",
          "privilege withdrawn",
          "aa compromise");

  private RevocationReasons() {}

  static String text(Date since, int reason) {
    return text(
        since,
        reason >= 0 && reason < BY_NUMBER.size() ? BY_NUMBER.get(reason) : "reason " + reason);
  }

  static String text(Date since, @Nullable CRLReason reason) {
    return text(
        since,
        reason == null
            ? BY_NUMBER.get(0)
            : reason.name().toLowerCase(Locale.ROOT).replace('_', ' '));
  }

  private static String text(Date since, String reason) {
    return since.toInstant() + ", " + reason;
  }
}
