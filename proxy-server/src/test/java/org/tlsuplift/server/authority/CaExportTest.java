package org.tlsuplift.server.authority;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.proxy.testing.CaFixtures;
import org.tlsuplift.proxy.testing.OpenSsl;
import org.tlsuplift.proxy.tls.chain.Fingerprint;

/** Other programs read the exported files. */
final class CaExportTest {
  @TempDir Path temp;
  private X509Certificate certificate;

  @BeforeEach
  void ca() throws Exception {
    certificate = CaFixtures.create(CaFixtures.quick(CaFixtures.NAMES)).anchor();
  }

  @ParameterizedTest
  @EnumSource(CaExport.Format.class)
  void theJdkReadsEveryFormat(CaExport.Format format) throws Exception {
    Path file = temp.resolve("export." + format.extension());
    CaExport.write(certificate, format, file);
    CaExport.write(certificate, format, file);
    assertThat(
            CertificateFactory.getInstance("X.509")
                .generateCertificates(new ByteArrayInputStream(Files.readAllBytes(file))))
        .hasSize(1)
        .first()
        .isEqualTo(certificate);
    assertThat(Files.readString(file, StandardCharsets.ISO_8859_1)).doesNotContain("PRIVATE");
  }

  @Test
  void opensslReadsEveryFormat() throws Exception {
    OpenSsl.require();
    for (CaExport.Format each : CaExport.Format.values()) {
      CaExport.write(certificate, each, temp.resolve("x." + each.extension()));
    }
    String pem =
        new String(CaExport.encode(certificate, CaExport.Format.PEM), StandardCharsets.US_ASCII);
    assertThat(OpenSsl.must(temp, "x509", "-in", "x.pem")).isEqualTo(pem);
    assertThat(OpenSsl.must(temp, "x509", "-inform", "DER", "-in", "x.cer")).isEqualTo(pem);
    assertThat(OpenSsl.must(temp, "pkcs7", "-inform", "DER", "-in", "x.p7b", "-print_certs"))
        .contains("TLS Uplift local CA test", pem.strip());
    assertThat(OpenSsl.must(temp, "x509", "-in", "x.pem", "-noout", "-fingerprint", "-sha256"))
        .contains("=" + Fingerprint.sha256(certificate));
    assertThat(OpenSsl.must(temp, "x509", "-in", "x.pem", "-noout", "-fingerprint", "-sha1"))
        .contains("=" + Fingerprint.sha1(certificate));
  }

  @Test
  void opensslSeesACaOfTheRightShape() throws Exception {
    OpenSsl.require();
    CaExport.write(certificate, CaExport.Format.PEM, temp.resolve("x.pem"));
    String text = OpenSsl.must(temp, "x509", "-in", "x.pem", "-noout", "-text");
    assertThat(text.replaceAll("\\s+", " "))
        .contains(
            "X509v3 Basic Constraints: critical CA:TRUE, pathlen:0",
            "X509v3 Key Usage: critical Certificate Sign, CRL Sign",
            "X509v3 Extended Key Usage: TLS Web Server Authentication",
            "X509v3 Name Constraints: critical Permitted: DNS:outlook.com DNS:office365.com"
                + " email:invalid URI:invalid IP:192.0.2.0/255.255.255.0 Excluded: IP:0:0:0:0:0:0:0:0/0:0:0:0:0:0:0:0",
            "Not Before: Jan 1 00:00:00 2000 GMT",
            "ecdsa-with-SHA256");
    OpenSsl.must(temp, "verify", "-x509_strict", "-check_ss_sig", "-CAfile", "x.pem", "x.pem");
  }

  @Test
  void namesTheFileThatCannotBeWritten() {
    Path nowhere = temp.resolve("none/x.pem");
    assertThatThrownBy(() -> CaExport.write(certificate, CaExport.Format.PEM, nowhere))
        .isInstanceOf(OperatorException.class)
        .hasMessageContaining("cannot write " + nowhere);
  }
}
