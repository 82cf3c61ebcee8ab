package org.tlsuplift.proxy.tls.failure;

import io.netty.handler.ssl.NotSslRecordException;
import io.netty.handler.ssl.SslHandshakeTimeoutException;
import java.nio.channels.ClosedChannelException;
import java.security.cert.CertificateException;
import java.util.Optional;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.CloseReason;
import org.tlsuplift.proxy.model.RevocationCheck;
import org.tlsuplift.proxy.tls.OriginCertificateException;
import org.tlsuplift.proxy.tls.OriginIdentity;

/**
 * Why a handshake with an origin failed.
 *
 * @param detail what happened and what to do, in one line
 * @param revocation the result about revocation, or null if that is not the cause
 */
public record OriginFailures(
    CloseReason reason, String detail, @Nullable RevocationCheck revocation) {
  /** The alert has no details, so the text lists everything that it may mean. */
  private static final String NOTHING_SHARED =
      "the origin accepts nothing that is offered; enable there ECDHE with AES-GCM, on P-256,"
          + " P-384, P-521 or X25519, and an RSA or ECDSA P-256 or P-384 certificate; Ed25519 and"
          + " RSA-PSS certificates, P-521 in TLS 1.3, X448, DHE and CBC-SHA256 are not supported";

  /** For an origin that would have got no client certificate. */
  public static OriginFailures of(Throwable cause) {
    return of(cause, null, false);
  }

  /**
   * Judges by the exception of the TLS handler.
   *
   * @param identity the client certificate for this origin, or null
   * @param verified whether the origin was verified before the failure
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
          "the origin accepted the connection but did not finish the TLS handshake in time");
    }
    if (DeviceFailures.has(cause, NotSslRecordException.class)) {
      return failed("the origin does not answer with TLS on this port; check the port");
    }
    Optional<OpenSslError> error = OpenSslError.of(cause);
    if (error.isPresent()) {
      return ofError(error.get(), identity, verified);
    }
    if (DeviceFailures.has(cause, ClosedChannelException.class)) {
      return failed("the origin closed the connection during the TLS handshake");
    }
    return failed("the TLS handshake with the origin failed: " + cause.getMessage());
  }

  /**
   * What an origin found wrong with our certificate after the handshake, when TLS 1.3 reports it
   * (RFC 8446 section 4.4.2.4).
   *
   * @param detail the message of the exception that ended the session
   * @return empty if it ended for another cause
   */
  public static Optional<OriginFailures> afterHandshake(String detail) {
    return OpenSslError.of(new SSLException(detail))
        .filter(error -> IdentityRefusals.isOne(error.receivedAlert()))
        .map(error -> failed(IdentityRefusals.text(error.receivedAlert(), null)));
  }

  private static OriginFailures ofError(
      OpenSslError error, @Nullable OriginIdentity identity, boolean verified) {
    if (error.receivedAlert() == 70
        || error.name().equals("UNSUPPORTED_PROTOCOL")
        || error.name().equals("WRONG_VERSION_NUMBER")) {
      return new OriginFailures(
          CloseReason.ORIGIN_BELOW_FLOOR,
          "the origin agrees to no version from TLSv1.2 up to upstream.maximumVersion; raise that"
              + " if it is lower than TLSv1.3, or update the origin: nothing older leaves here",
          null);
    }
    if (error.receivedAlert() == 40 && verified) {
      return failed(IdentityRefusals.afterOurs(identity));
    }
    if (error.receivedAlert() == 40
        || error.receivedAlert() == 71
        || error.name().equals("UNKNOWN_CIPHER_RETURNED")) {
      return failed(NOTHING_SHARED);
    }
    if (IdentityRefusals.isOne(error.receivedAlert())) {
      return failed(IdentityRefusals.text(error.receivedAlert(), identity));
    }
    return failed(
        "the TLS handshake with the origin failed: "
            + error.name()
            + (error.receivedAlert() < 0 ? "" : " (alert " + error.receivedAlert() + ")"));
  }

  private static OriginFailures failed(String detail) {
    return new OriginFailures(CloseReason.ORIGIN_HANDSHAKE_FAILED, detail, null);
  }

  private static OriginFailures ofCertificate(CertificateException refused) {
    return refused instanceof OriginCertificateException known
        ? new OriginFailures(
            reason(known.revocation()), String.valueOf(known.getMessage()), known.revocation())
        : new OriginFailures(
            CloseReason.ORIGIN_CERTIFICATE_INVALID,
            "the origin's certificate was refused: " + refused.getMessage(),
            null);
  }

  /** Why a session ends after such a check; null for none. */
  public static CloseReason reason(@Nullable RevocationCheck revocation) {
    if (revocation == null) {
      return CloseReason.ORIGIN_CERTIFICATE_INVALID;
    }
    return revocation == RevocationCheck.REVOKED
        ? CloseReason.ORIGIN_CERTIFICATE_REVOKED
        : CloseReason.ORIGIN_REVOCATION_UNKNOWN;
  }
}
