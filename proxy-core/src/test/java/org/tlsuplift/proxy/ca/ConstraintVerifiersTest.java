package org.tlsuplift.proxy.ca;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertPathValidatorException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tlsuplift.proxy.testing.CaFixtures;
import org.tlsuplift.proxy.testing.Peer;
import org.tlsuplift.proxy.testing.Program;
import org.tlsuplift.proxy.tls.Leaf;

/**
 * The leaves of a thief of the CA's key, checked by the verifiers that devices have: the JDK,
 * OpenSSL, GnuTLS and NSS.
 */
final class ConstraintVerifiersTest {
  @TempDir static Path temp;
  private static IssuingCa ca;

  @BeforeAll
  static void createCa() throws Exception {
    ca = CaFixtures.create(CaFixtures.settings(KeyAlgorithm.RSA_2048, true, CaFixtures.NAMES));
    CaFixtures.pem(temp.resolve("ca.pem"), ca.anchor());
    Peer.require("openssl", "openssl");
    Peer.require("certtool", "gnutls-bin");
    Peer.require("vfychain", "libnss3-tools");
    Files.createDirectory(temp.resolve("nss"));
    Program.must(temp, words("certutil -N -d sql:nss --empty-password"));
    Program.must(temp, words("certutil -A -d sql:nss -n ca -t C,, -i ca.pem"));
  }

  @Test
  void everyVerifierAcceptsAPermittedName() throws Exception {
    Leaf leaf = signed(new GeneralName(GeneralName.dNSName, "smtp.office365.com"));
    CaFixtures.validate(leaf, ca.anchor(), Instant.now());
    for (Verifier each : Verifier.values()) {
      assertThat(each.accepts(leaf)).as(each.name()).isTrue();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "dNSName, evil.example",
    "dNSName, notoutlook.com",
    "iPAddress, 198.51.100.1",
    "iPAddress, 2001:db8::1",
    "rfc822Name, ceo@outlook.com",
    "rfc822Name, ceo@evil.example",
    "uniformResourceIdentifier, https://outlook.com/",
    "uniformResourceIdentifier, https://evil.example/",
  })
  void everyVerifierRejectsOtherNames(String kind, String name) throws Exception {
    int tag = GeneralName.class.getField(kind).getInt(null);
    Leaf leaf =
        signed(
            new GeneralName(GeneralName.dNSName, "smtp.office365.com"), new GeneralName(tag, name));

    assertThatThrownBy(() -> CaFixtures.validate(leaf, ca.anchor(), Instant.now()))
        .isInstanceOf(CertPathValidatorException.class);
    for (Verifier each : Verifier.values()) {
      // GnuTLS checks no URI, neither here nor when it compares a certificate with a name.
      if (each != Verifier.GNUTLS || tag != GeneralName.uniformResourceIdentifier) {
        assertThat(each.accepts(leaf)).as(each.name()).isFalse();
      }
    }
  }

  private static Leaf signed(GeneralName... names) throws Exception {
    CertificateDraft draft =
        new CertificateDraft(
            X500Name.getInstance(ca.certificate().getSubjectX500Principal().getEncoded()),
            Extensions.ALL.nextSerial(),
            CaSettings.DEFAULT_VALID_FROM,
            Instant.now().plusSeconds(86_400),
            new X500Name("CN=smtp.office365.com"),
            Leaves.KEY.getPublic(),
            List.of(
                Extension.create(Extension.basicConstraints, true, new BasicConstraints(false)),
                Extension.create(
                    Extension.extendedKeyUsage,
                    false,
                    new ExtendedKeyUsage(KeyPurposeId.id_kp_serverAuth)),
                Extension.create(
                    Extension.subjectAlternativeName, false, new GeneralNames(names))));
    X509Certificate leaf = draft.sign("SHA256withRSA", ca.key());
    return new Leaf("leaf", "leaf", List.of(leaf), Leaves.KEY.getPrivate());
  }

  /** A program that verifies the certificate leaf.pem below the CA in ca.pem. */
  private enum Verifier {
    OPENSSL("openssl verify -CAfile ca.pem leaf.pem"),
    GNUTLS("certtool --verify --load-ca-certificate ca.pem --infile leaf.pem"),
    /** Usage 1 is a TLS server. */
    NSS("vfychain -d sql:nss -u 1 -a leaf.pem");

    private final String command;

    Verifier(String command) {
      this.command = command;
    }

    boolean accepts(Leaf leaf) throws Exception {
      CaFixtures.pem(temp.resolve("leaf.pem"), leaf.chain().get(0));
      return Program.run(temp, words(command)).exit() == 0;
    }
  }

  private static List<String> words(String command) {
    return List.of(command.split(" ", -1));
  }
}
