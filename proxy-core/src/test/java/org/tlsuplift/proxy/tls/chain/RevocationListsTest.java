package org.tlsuplift.proxy.tls.chain;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import org.bouncycastle.asn1.x509.IssuingDistributionPoint;
import org.junit.jupiter.api.Test;
import org.tlsuplift.proxy.testing.Issuer;
import org.tlsuplift.proxy.testing.Statements;

class RevocationListsTest {
  private static final String ADDRESS = "http://ca.example/list.crl";
  private static final Issuer CA = Issuer.root("CA");
  private static final X509Certificate LEAF = CA.issue("leaf").certificate();

  private static Instant now() {
    return Instant.now();
  }

  private static CertificateStatus read(byte[] list) {
    return RevocationLists.read(list, LEAF, CA.certificate(), ADDRESS, now());
  }

  private static void provesNothing(byte[] list, String why) {
    assertThat(read(list)).isEqualTo(new CertificateStatus.Unknown(why));
  }

  @Test
  void findsRevokedCertificates() {
    assertThat(read(Statements.of(CA).list(null))).isInstanceOf(CertificateStatus.Good.class);
    assertThat(read(Statements.of(CA).list(Statements.at(ADDRESS), LEAF)))
        .isInstanceOfSatisfying(
            CertificateStatus.Revoked.class,
            revoked -> assertThat(revoked.detail()).endsWith("Z, superseded"));
  }

  @Test
  void acceptsTheIssuerOnly() {
    provesNothing(
        Statements.of(CA).by(Issuer.root("CA")).list(null), "is not signed by the issuer");
    provesNothing(Statements.of(Issuer.root("Other")).list(null), "is not signed by the issuer");
  }

  @Test
  void rejectsExpiredLists() {
    assertThat(
            read(
                Statements.of(CA)
                    .at(now().minus(Duration.ofDays(2)), now().minus(Duration.ofDays(1)))
                    .list(null)))
        .isInstanceOfSatisfying(
            CertificateStatus.Unknown.class,
            unknown -> assertThat(unknown.why()).startsWith("has expired"));
  }

  @Test
  void rejectsListsThatMayOmitTheCertificate() {
    provesNothing(
        Statements.of(CA).list(Statements.at("http://ca.example/other.crl")),
        "is for another address");
    provesNothing(
        Statements.of(CA).list(new IssuingDistributionPoint(null, true, false)),
        "is not a complete list");
    provesNothing(
        Statements.of(CA).list(new IssuingDistributionPoint(null, false, true, null, false, false)),
        "is not a complete list");
    // The list covers only end-entity certificates, and this is one.
    assertThat(
            read(
                Statements.of(CA)
                    .list(new IssuingDistributionPoint(null, true, false, null, false, false))))
        .isInstanceOf(CertificateStatus.Good.class);
  }

  @Test
  void survivesGarbage() {
    provesNothing(new byte[] {1, 2, 3}, "is malformed");
    provesNothing(new byte[0], "is malformed");
  }
}
