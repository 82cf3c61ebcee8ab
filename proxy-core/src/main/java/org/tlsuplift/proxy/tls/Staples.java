package org.tlsuplift.proxy.tls;

import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertPathValidatorException.BasicReason;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Supplier;
import javax.net.ssl.SSLEngine;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.Explanation;
import org.tlsuplift.proxy.model.RevocationCheck;
import org.tlsuplift.proxy.model.UnhandledVariantException;
import org.tlsuplift.proxy.tls.chain.CertificateStatus;
import org.tlsuplift.proxy.tls.chain.OcspResponses;
import org.tlsuplift.proxy.tls.chain.StatusSources;

/**
 * Verifies the OCSP response that an origin staples to its certificate (RFC 6066 section 8, RFC
 * 8446 section 4.4.2.1), and requires one if the certificate does (must-staple, RFC 7633).
 *
 * <p>It runs during the handshake. A resumed session has the response from its first handshake.
 */
public final class Staples {
  private Staples() {}

  /** Whether the origin stapled a response. After a completed handshake, the response is valid. */
  public static boolean isPresent(SSLEngine engine) {
    return response(engine) != null;
  }

  /**
   * Verifies the response.
   *
   * @param issuer finds the certificate's issuer, by its signature; called only with a response
   */
  static void verify(
      SSLEngine engine, X509Certificate certificate, Supplier<Optional<X509Certificate>> issuer)
      throws OriginCertificateException {
    byte[] response = response(engine);
    if (response == null) {
      if (StatusSources.mustStaple(certificate)) {
        throw new OriginCertificateException(
            Explanation.of(
                "the origin's certificate requires a stapled OCSP response, but the origin sent none",
                "enable OCSP stapling on the origin"),
            null,
            RevocationCheck.STAPLE_MISSING);
      }
      return;
    }
    CertificateStatus status =
        issuer
            .get()
            .map(by -> OcspResponses.read(response, certificate, by, Instant.now()))
            .orElse(new CertificateStatus.Unknown("is from an unknown issuer"));
    if (status instanceof CertificateStatus.Revoked revoked) {
      throw new OriginCertificateException(
          Explanation.of("the origin's certificate was revoked (%s)".formatted(revoked.detail())),
          new CertPathValidatorException("revoked", null, null, -1, BasicReason.REVOKED),
          RevocationCheck.REVOKED);
    }
    if (status instanceof CertificateStatus.Unknown unknown) {
      throw new OriginCertificateException(
          Explanation.of(
              "the origin's stapled OCSP response " + unknown.why(),
              "repair or disable OCSP stapling on the origin"),
          null,
          RevocationCheck.STAPLE_INVALID);
    }
    if (!(status instanceof CertificateStatus.Good)) {
      throw new UnhandledVariantException(status);
    }
  }

  private static byte @Nullable [] response(SSLEngine engine) {
    byte @Nullable [] response =
        engine instanceof ReferenceCountedOpenSslEngine boringSsl
            ? boringSsl.getOcspResponse()
            : null;
    return response == null || response.length == 0 ? null : response;
  }
}
