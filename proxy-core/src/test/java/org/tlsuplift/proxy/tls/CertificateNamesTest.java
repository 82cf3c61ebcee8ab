package org.tlsuplift.proxy.tls;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.List;
import java.util.stream.IntStream;
import org.bouncycastle.asn1.x509.GeneralName;
import org.junit.jupiter.api.Test;

class CertificateNamesTest {
  @Test
  void readsNamesWildcardsAndAddresses() throws Exception {
    CertificateNames names =
        CertificateNames.of(
            ProvenOriginsTest.certificate(
                    new GeneralName(GeneralName.dNSName, "Mail.Contoso.example"),
                    new GeneralName(GeneralName.dNSName, "*.contoso.example"),
                    new GeneralName(GeneralName.iPAddress, "203.0.113.10"),
                    new GeneralName(GeneralName.iPAddress, "2001:db8::10"))
                .certificate());
    assertThat(names.hosts()).containsExactly("mail.contoso.example", "*.contoso.example");
    assertThat(names.addresses())
        .containsExactly(
            InetAddress.getByName("203.0.113.10"), InetAddress.getByName("2001:db8::10"));
  }

  @Test
  void ignoresAllOtherNames() {
    CertificateNames names =
        CertificateNames.of(
            ProvenOriginsTest.certificate(
                    new GeneralName(GeneralName.dNSName, "*.example"),
                    new GeneralName(GeneralName.dNSName, "m*.contoso.example"),
                    new GeneralName(GeneralName.dNSName, "203.0.113.10"),
                    new GeneralName(GeneralName.rfc822Name, "a@mail.contoso.example"),
                    new GeneralName(
                        GeneralName.uniformResourceIdentifier, "https://mail.contoso.example/"))
                .certificate());
    assertThat(names.hosts()).isEmpty();
    assertThat(names.addresses()).isEmpty();
    assertThat(names).hasToString("no name");
  }

  /** The common name is no longer a host name (RFC 9525 section 2). */
  @Test
  void ignoresTheCommonName() {
    assertThat(CertificateNames.of(ProvenOriginsTest.certificate().certificate()).hosts())
        .isEmpty();
  }

  @Test
  void isShortInTheLog() {
    List<String> many = IntStream.range(0, 100).mapToObj(i -> "host" + i + ".example").toList();
    assertThat(new CertificateNames(many, List.of()).toString())
        .startsWith("host0.example, host1.example")
        .endsWith("host5.example and 94 more");
  }
}
