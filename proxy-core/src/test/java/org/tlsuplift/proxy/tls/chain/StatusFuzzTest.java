package org.tlsuplift.proxy.tls.chain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tlsuplift.proxy.testing.Fuzzed.assertOneLine;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.InputStream;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Any bytes of responders and issuers about a certificate. */
class StatusFuzzTest {
  private static final X509Certificate ISSUER = certificate("status-issuer.der");
  private static final X509Certificate LEAF = certificate("status-leaf.der");
  private static final Instant NOW = Instant.parse("2026-11-15T00:00:00Z");

  /** The end of all statements that the issuer signed. */
  private static final Instant UNTIL = Instant.parse("2026-12-01T00:00:00Z");

  @FuzzTest
  void ocsp(byte[] bytes) {
    check(OcspResponses.read(bytes, LEAF, ISSUER, NOW));
  }

  @FuzzTest
  void list(byte[] bytes) {
    check(RevocationLists.read(bytes, LEAF, ISSUER, "http://ca.example/a.crl", NOW));
  }

  /** The issuer's signature cannot be forged, so only its own statements prove a status. */
  private static void check(CertificateStatus status) {
    if (status instanceof CertificateStatus.Good good) {
      assertThat(good.until()).isBetween(UNTIL, UNTIL.plus(Duration.ofMinutes(10)));
    } else if (status instanceof CertificateStatus.Revoked revoked) {
      assertThat(revoked.detail()).startsWith("2026-");
    } else if (status instanceof CertificateStatus.Unknown unknown) {
      assertOneLine(unknown.why());
    }
  }

  @Test
  void acceptsTheGoodSeedOfTheFuzzTest() throws Exception {
    try (InputStream good = resource("StatusFuzzTestInputs/ocsp/good")) {
      assertThat(OcspResponses.read(good.readAllBytes(), LEAF, ISSUER, NOW))
          .isInstanceOf(CertificateStatus.Good.class);
    }
  }

  private static X509Certificate certificate(String name) {
    try (InputStream in = resource(name)) {
      return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
    } catch (Exception unreadable) {
      throw new IllegalStateException(name, unreadable);
    }
  }

  private static InputStream resource(String name) {
    return Objects.requireNonNull(StatusFuzzTest.class.getResourceAsStream(name), name);
  }
}
