package org.tlsuplift.proxy.tls.failure;

import io.netty.handler.ssl.NotSslRecordException;
import io.netty.handler.ssl.SslHandshakeTimeoutException;
import java.nio.channels.ClosedChannelException;
import java.security.cert.CertificateException;
import java.util.Optional;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.Explanation;
import org.tlsuplift.proxy.model.RevocationCheck;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.tls.OriginCertificateException;
import org.tlsuplift.proxy.tls.OriginIdentity;

/**
 * Explains why a handshake with an origin failed.
 *
 * @param why cause and remedy
 * @param revocation the result of the revocation check, or null if it is not the cause
 */
public record OriginFailures(
    CloseReason reason, Explanation why, @Nullable RevocationCheck revocation) {
  /**
   * The alert has no details, and it comes before the origin's certificate, so the text lists all
   * possible causes. BoringSSL offers no signatures with Ed25519, Ed448 and RSA-PSS keys, and with
   * P-521 keys only those of TLS 1.2.
   */
  private static final Explanation NOTHING_SHARED =
      new Explanation(
          "the origin accepts no offered cipher suite, group or signature",
          "on the origin, use an RSA or P-256 key and ECDHE with AES-GCM",
          "'tls-uplift probe' shows the key; enable X25519 or P-256; Ed25519, Ed448, RSA-PSS, P-521 with TLS 1.3, X448, DHE and"
              + " CBC-SHA256 are not supported");

  private static final String SHORTER_HELLO =
      "check for a firewall that inspects TLS, and try 'upstream.postQuantum: false' if it is true";

  /** Java's TLS sends it in TLS 1.3 if its key is P-521, and others for faults of their own. */
  private static final Explanation INTERNAL_ERROR =
      Explanation.of(
          "the origin failed with an internal error; its key may be P-521, which TLS 1.3 cannot use here",
          "check the origin's log; 'tls-uplift probe' shows the key, which should be RSA or P-256");

  /** Explains a failure with an origin that has no client certificate configured. */
  public static OriginFailures of(Throwable cause) {
    return of(cause, null, false);
  }

  /**
   * Explains the TLS handler's exception.
   *
   * @param identity the client certificate for this origin, or null
   * @param verified whether the origin's certificate was verified before the failure
   */
  public static OriginFailures of(
      Throwable cause, @Nullable OriginIdentity identity, boolean verified) {
    Optional<Throwable> refused =
        DeviceFailures.causes(cause).filter(CertificateException.class::isInstance).findFirst();
    if (refused.isPresent()) {
      return ofCertificate((CertificateException) refused.get());
    }
    if (DeviceFailures.has(cause, SslHandshakeTimeoutException.class)) {
      return failed(
          new Explanation(
              "the TLS handshake with the origin timed out",
              SHORTER_HELLO,
              "the limit is 'limits.handshakeTimeout'"));
    }
    if (DeviceFailures.has(cause, NotSslRecordException.class)) {
      return failed(
          Explanation.of(
              "the origin does not reply with TLS on this port", "check the origin's port"));
    }
    Optional<OpenSslError> error = OpenSslError.of(cause);
    if (error.isPresent()) {
      return ofError(error.get(), identity, verified);
    }
    if (DeviceFailures.has(cause, ClosedChannelException.class)) {
      return failed(
          Explanation.of(
              "the origin closed the connection during the TLS handshake", SHORTER_HELLO));
    }
    return failed(
        Explanation.of("the TLS handshake with the origin failed: " + cause.getMessage()));
  }

  /** Explains the refusal of a key exchange that the origin signed with a weak hash. */
  public static OriginFailures weakSignature(String hash) {
    return new OriginFailures(
        CloseReason.ORIGIN_SIGNATURE_WEAK,
        Explanation.of(
            "the origin signs its TLS 1.2 key exchange with " + hash + ", which can be forged",
            "update the origin, or allow SHA-256 signatures in its TLS settings"),
        null);
  }

  /**
   * Explains an origin's alert about the client certificate after the handshake; in TLS 1.3 it
   * comes that late (RFC 8446 section 4.4.2.4).
   *
   * @param detail the message of the exception that ended the session
   * @return empty if it ended for another cause
   */
  public static Optional<OriginFailures> afterHandshake(String detail) {
    return OpenSslError.of(new SSLException(detail))
        .filter(error -> IdentityRefusals.isOne(error.receivedAlert()))
        .map(error -> failed(IdentityRefusals.of(error.receivedAlert(), null)));
  }

  private static OriginFailures ofError(
      OpenSslError error, @Nullable OriginIdentity identity, boolean verified) {
    if (error.receivedAlert() == 70
        || error.name().equals("UNSUPPORTED_PROTOCOL")
        || error.name().equals("WRONG_VERSION_NUMBER")) {
      return new OriginFailures(
          CloseReason.ORIGIN_BELOW_FLOOR,
          Explanation.of(
              "the origin supports no allowed version from TLSv1.2 up",
              "update the origin, or raise upstream.maximumVersion"),
          null);
    }
    if (error.receivedAlert() == 40 && verified) {
      return failed(IdentityRefusals.afterCertificate(identity));
    }
    if (error.receivedAlert() == 40
        || error.receivedAlert() == 71
        || error.name().equals("UNKNOWN_CIPHER_RETURNED")
        || error.name().equals("WRONG_SIGNATURE_TYPE")) {
      return failed(NOTHING_SHARED);
    }
    if (IdentityRefusals.isOne(error.receivedAlert())) {
      return failed(IdentityRefusals.of(error.receivedAlert(), identity));
    }
    if (error.receivedAlert() == 80 && !verified) {
      return failed(INTERNAL_ERROR);
    }
    return failed(
        Explanation.of(
            "the TLS handshake with the origin failed: "
                + error.name()
                + (error.receivedAlert() < 0 ? "" : " (alert " + error.receivedAlert() + ")")));
  }

  private static OriginFailures failed(Explanation why) {
    return new OriginFailures(CloseReason.ORIGIN_HANDSHAKE_FAILED, why, null);
  }

  private static OriginFailures ofCertificate(CertificateException refused) {
    return refused instanceof OriginCertificateException known
        ? new OriginFailures(reason(known.revocation()), known.why(), known.revocation())
        : new OriginFailures(
            CloseReason.ORIGIN_CERTIFICATE_INVALID,
            Explanation.of("the origin's certificate was refused: " + refused.getMessage()),
            null);
  }

  /**
   * The close reason for a refused certificate; {@code revocation} is null without a revocation
   * check.
   */
  public static CloseReason reason(@Nullable RevocationCheck revocation) {
    if (revocation == null) {
      return CloseReason.ORIGIN_CERTIFICATE_INVALID;
    }
    return revocation == RevocationCheck.REVOKED
        ? CloseReason.ORIGIN_CERTIFICATE_REVOKED
        : CloseReason.ORIGIN_REVOCATION_UNKNOWN;
  }
}
