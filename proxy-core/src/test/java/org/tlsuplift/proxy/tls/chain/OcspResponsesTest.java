package org.tlsuplift.proxy.tls.chain;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.cert.ocsp.OCSPReq;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlsuplift.proxy.testing.Issuer;
import org.tlsuplift.proxy.testing.Issuer.Part;
import org.tlsuplift.proxy.testing.Statements;

class OcspResponsesTest {
  private static final Issuer CA = Issuer.root("CA");
  private static final Issuer OTHER_CA = Issuer.root("CA");
  private static final X509Certificate LEAF = CA.issue("leaf").certificate();

  private static Instant now() {
    return Instant.now();
  }

  private static CertificateStatus read(byte[] response) {
    return OcspResponses.read(response, LEAF, CA.certificate(), now());
  }

  private static void provesNothing(byte[] response, String why) {
    assertThat(read(response))
        .isInstanceOfSatisfying(
            CertificateStatus.Unknown.class, unknown -> assertThat(unknown.why()).contains(why));
  }

  @Test
  void acceptsTheIssuer() {
    Statements issuer = Statements.of(CA);
    assertThat(read(issuer.good(LEAF)))
        .isInstanceOfSatisfying(
            CertificateStatus.Good.class,
            good -> assertThat(good.until()).isAfter(now().plus(Duration.ofMinutes(55))));
    assertThat(read(issuer.revoked(LEAF)))
        .isEqualTo(new CertificateStatus.Revoked("2026-03-04T05:06:07Z, key compromise"));
    provesNothing(issuer.unknown(LEAF), "the issuer does not know");
  }

  @Test
  void acceptsAResponderOfTheIssuer() {
    Issuer appointed = CA.issue("responder", Part.usages(KeyPurposeId.id_kp_OCSPSigning));
    assertThat(read(Statements.of(CA).by(appointed).good(LEAF)))
        .isInstanceOf(CertificateStatus.Good.class);
  }

  @Test
  void rejectsOtherSigners() {
    Statements issuer = Statements.of(CA);
    String why = "not signed by the issuer";
    provesNothing(issuer.by(OTHER_CA).good(LEAF), why);
    // The signer has a certificate from the CA, but not for this purpose.
    provesNothing(issuer.by(CA.issue("x")).good(LEAF), why);
    provesNothing(
        issuer.by(CA.issue("x", Part.usages(KeyPurposeId.id_kp_serverAuth))).good(LEAF), why);
    provesNothing(
        issuer.by(CA.issue("x", Part.usages(KeyPurposeId.anyExtendedKeyUsage))).good(LEAF), why);
    Part signing = Part.usages(KeyPurposeId.id_kp_OCSPSigning);
    provesNothing(issuer.by(OTHER_CA.issue("x", signing)).good(LEAF), why);
    provesNothing(
        issuer.by(CA.issue("x", now().minus(Duration.ofHours(1)), signing)).good(LEAF), why);
    // A certificate below a responder of the issuer is not accepted either.
    provesNothing(issuer.by(CA.intermediate("sub", signing).issue("x", signing)).good(LEAF), why);
  }

  @Test
  void rejectsExpiredAndFutureResponses() {
    Statements issuer = Statements.of(CA);
    Instant hourAgo = now().minus(Duration.ofHours(1));
    provesNothing(issuer.at(hourAgo, now().minus(Duration.ofMinutes(6))).good(LEAF), "has expired");
    provesNothing(
        issuer.at(now().plus(Duration.ofMinutes(6)), now().plus(Duration.ofHours(1))).good(LEAF),
        "is not valid until");
    // Clocks may differ a little.
    assertThat(read(issuer.at(hourAgo, now().minus(Duration.ofMinutes(4))).good(LEAF)))
        .isInstanceOf(CertificateStatus.Good.class);
    // An expired revocation proves nothing either.
    provesNothing(issuer.at(hourAgo, now().minus(Duration.ofMinutes(6))).revoked(LEAF), "expired");
  }

  @Test
  void rejectsAResponseForAnotherCertificate() {
    provesNothing(
        Statements.of(CA).good(CA.issue("other").certificate()), "for another certificate");
    // This serial number also exists below another issuer with an equal name.
    provesNothing(Statements.of(OTHER_CA).by(CA).good(LEAF), "for another certificate");
  }

  @Test
  void readsNoErrors() {
    provesNothing(Statements.tryLater(), "has the error status 3");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 7, 100, 65_537})
  void survivesGarbage(int length) {
    byte[] garbage = new byte[length];
    new java.util.Random(length).nextBytes(garbage);
    assertThat(read(garbage)).isInstanceOf(CertificateStatus.Unknown.class);
  }

  @Test
  void survivesEachBrokenByte() {
    byte[] good = Statements.of(CA).good(LEAF);
    for (int i = 0; i < good.length; i += 3) {
      byte[] broken = good.clone();
      broken[i] ^= 0x15;
      // Some bytes are irrelevant, such as those of the enclosed certificate.
      assertThat(read(broken)).isNotInstanceOf(CertificateStatus.Revoked.class);
    }
  }

  @Test
  void asksAboutThisCertificate() throws Exception {
    OCSPReq request = new OCSPReq(OcspResponses.request(LEAF, CA.certificate()));
    assertThat(request.getRequestList()).hasSize(1);
    assertThat(request.getRequestList()[0].getCertID().getSerialNumber())
        .isEqualTo(LEAF.getSerialNumber());
  }
}
