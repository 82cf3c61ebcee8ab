package org.tlsuplift.proxy.tls;

import io.netty.handler.ssl.NotSslRecordException;
import io.netty.handler.ssl.SslHandshakeTimeoutException;
import java.nio.channels.ClosedChannelException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertPathValidatorException.BasicReason;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.util.Optional;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.session.CloseReason;

/**
 * Why a handshake with an origin failed.
 *
 * @param reason the close reason
 * @param detail what happened and what to do, in one line
 */
public record OriginFailures(CloseReason reason, String detail) {
  /** Tells from the exception of the TLS handler, where nothing was there to be presented. */
  static OriginFailures of(Throwable cause) {
    return of(cause, null);
  }

  /**
   * Tells from the exception of the TLS handler.
   *
   * @param identity what would have been presented if the origin had asked, or null
   */
  public static OriginFailures of(Throwable cause, @Nullable OriginIdentity identity) {
    String certificate = certificateFault(cause);
    if (certificate != null) {
      return new OriginFailures(CloseReason.ORIGIN_CERTIFICATE_INVALID, certificate);
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
      return ofError(error.get(), identity);
    }
    if (DeviceFailures.has(cause, ClosedChannelException.class)) {
      return failed("the origin closed the connection during the TLS handshake");
    }
    return failed("the TLS handshake with the origin failed: " + cause.getMessage());
  }

  /**
   * What an origin found wrong with our certificate after the handshake, which is when TLS 1.3
   * tells (RFC 8446 section 4.4.2.4).
   *
   * @param detail the message of the exception that ended the session
   * @return empty when it ended for another cause
   */
  public static Optional<OriginFailures> afterHandshake(String detail) {
    return OpenSslError.of(new SSLException(detail))
        .filter(error -> IdentityRefusals.isOne(error.receivedAlert()))
        .map(error -> failed(IdentityRefusals.text(error.receivedAlert(), null)));
  }

  private static OriginFailures ofError(OpenSslError error, @Nullable OriginIdentity identity) {
    if (error.receivedAlert() == 70
        || error.name().equals("UNSUPPORTED_PROTOCOL")
        || error.name().equals("WRONG_VERSION_NUMBER")) {
      return new OriginFailures(
          CloseReason.ORIGIN_BELOW_FLOOR,
          "the origin agrees to no version from TLSv1.2 up to upstream.maximumVersion; raise that if it is lower than TLSv1.3, or update the origin: nothing older leaves here");
    }
    if (error.receivedAlert() == 40 || error.name().equals("UNKNOWN_CIPHER_RETURNED")) {
      return failed(
          "the origin agrees to none of our cipher suites (ECDHE with AES-GCM, ChaCha20 or AES-CBC)"
              + (identity == null
                  ? " or demands a client certificate; for that, give the route a"
                      + " 'clientCertificate'"
                  : " or does not take our client certificate (" + identity.subject() + ")"));
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
    return new OriginFailures(CloseReason.ORIGIN_HANDSHAKE_FAILED, detail);
  }

  private static @Nullable String certificateFault(Throwable cause) {
    @Nullable String fault = null;
    for (Throwable t = cause; t != null && t != t.getCause(); t = t.getCause()) {
      if (t instanceof UnprovenOriginException) {
        return t.getMessage();
      }
      if (t instanceof CertificateExpiredException) {
        return "the origin's certificate has expired ("
            + t.getMessage()
            + "); renew it there, or check this machine's clock";
      }
      if (t instanceof CertificateNotYetValidException) {
        return "the origin's certificate is not valid yet ("
            + t.getMessage()
            + "); check this machine's clock";
      }
      if (t instanceof CertPathValidatorException path
          && path.getReason() == BasicReason.ALGORITHM_CONSTRAINED) {
        return "the origin's certificate chain is too weak: " + path.getMessage();
      }
      if (t instanceof java.security.cert.CertPathBuilderException) {
        fault =
            "the origin's certificate is self-signed or of an issuer that is not trusted here; if it"
                + " is right, add the issuer's certificate to upstream.trust";
      } else if (t instanceof CertificateException && fault == null) {
        fault = "the origin's certificate was refused: " + t.getMessage();
      }
    }
    return fault;
  }
}
