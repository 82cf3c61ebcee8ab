package org.tlsuplift.server.inventory;

import java.time.Duration;
import java.time.Instant;
import org.tlsuplift.proxy.model.TlsVersion;

/** Describes a verdict in words. */
public final class VerdictText {
  private VerdictText() {}

  /**
   * Describes a verdict in one line.
   *
   * @param newest the code of the newest version that a device with {@link Verdict#TOO_OLD} offers;
   *     0 if unknown
   */
  public static String of(Verdict verdict, long newest, Instant lastSeen, Instant now) {
    return switch (verdict) {
      case NO_ENCRYPTION -> "needs upgrade: does not encrypt";
      case TOO_OLD ->
          "needs upgrade: "
              + TlsVersion.ofCode((int) newest)
                  .map(each -> version(each) + " only")
                  .orElse("unknown TLS version");
      case ONLY_TLS_RSA -> "needs upgrade: TLS 1.2 but only TLS_RSA";
      case NO_ACCEPTED_SUITE -> "needs upgrade: TLS 1.2 but no suite that Microsoft 365 accepts";
      case READY -> "ready: speaks TLS 1.2+ ECDHE";
      case NOT_SEEN -> "not seen for " + Duration.between(lastSeen, now).toDays() + " days";
      case UNKNOWN -> "unknown: no session reached TLS";
    };
  }

  /** The name that people use for a version. */
  public static String version(TlsVersion version) {
    return switch (version) {
      case SSL_2 -> "SSL 2.0";
      case SSL_3 -> "SSL 3.0";
      case TLS_1_0 -> "TLS 1.0";
      case TLS_1_1 -> "TLS 1.1";
      case TLS_1_2 -> "TLS 1.2";
      case TLS_1_3 -> "TLS 1.3";
    };
  }
}
