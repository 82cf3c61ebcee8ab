package org.tlsuplift.server.authority;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tlsuplift.proxy.ca.IssuingCa;
import org.tlsuplift.proxy.ca.PermittedNames;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.proxy.testing.CaFixtures;
import org.tlsuplift.proxy.testing.OpenSsl;
import org.tlsuplift.proxy.tls.Leaf;
import org.tlsuplift.server.process.PemFile;

/** An operator's CA in all forms that openssl writes, below a corporate root. */
final class OperatorCaTest {
  private static final String PASSWORD = "correct horse";

  @TempDir static Path temp;

  @BeforeAll
  static void corporateHierarchy() throws Exception {
    OpenSsl.require();
    self("root", "ec", "/C=DE/O=Contoso/CN=Contoso Root", "basicConstraints=critical,CA:TRUE");
    signed(
        "sub",
        "rsa:2048",
        "/C=DE/O=Contoso/CN=Contoso Devices CA",
        "basicConstraints=critical,CA:TRUE,pathlen:0",
        "keyUsage=critical,keyCertSign",
        "extendedKeyUsage=serverAuth",
        "nameConstraints=critical,permitted;DNS:outlook.com,permitted;DNS:.contoso.example,"
            + "excluded;DNS:secret.contoso.example,permitted;dirName:base,"
            + "excluded;IP:0.0.0.0/0.0.0.0,excluded;IP:::/::");
    openssl("rsa -in sub.key -out sub.pkcs1.key -traditional");
    openssl("rsa -in sub.key -out sub.old.key -traditional -aes128 -passout pass:@");
    openssl("pkcs8 -topk8 -in sub.key -out sub.pbes2.key -passout pass:@");
    openssl(
        "pkcs8 -topk8 -v2 aes128 -v2prf hmacWithSHA1 -in sub.key -out sub.sha1.key -passout pass:@");
    openssl("pkcs8 -topk8 -scrypt -in sub.key -out sub.scrypt.key -passout pass:@");
    openssl("ec -in root.key -out root.sec1.key");
    Files.writeString(
        temp.resolve("chain.pem"),
        Files.readString(temp.resolve("root.pem")) + Files.readString(temp.resolve("sub.pem")));
    openssl(
        "pkcs12 -export -inkey sub.key -in sub.pem -certfile root.pem -out sub.p12 -passout pass:@");
  }

  @ParameterizedTest
  @CsvSource({
    "sub.key,",
    "sub.pkcs1.key,",
    "sub.old.key, P",
    "sub.pbes2.key, P",
    "sub.sha1.key, P"
  })
  void readsEveryPemForm(String key, @Nullable String password) throws Exception {
    IssuingCa ca =
        OperatorCa.fromPem(
            temp.resolve("chain.pem"), temp.resolve(key), password == null ? null : PASSWORD);
    signsForDevices(ca);
  }

  @Test
  void readsPkcs12() throws Exception {
    signsForDevices(OperatorCa.fromPkcs12(temp.resolve("sub.p12"), PASSWORD));
  }

  @Test
  void readsARootWithASec1Key() throws Exception {
    IssuingCa ca = OperatorCa.fromPem(file("root.pem"), file("root.sec1.key"), null);
    assertThat(ca.anchor()).isEqualTo(ca.certificate());
    assertThat(CaFixtures.leaf(ca, "any.example").chain()).hasSize(1);
  }

  /** Intermediates are sent to the device; the root is not. */
  private static void signsForDevices(IssuingCa ca) throws Exception {
    assertThat(ca.certificate().getSubjectX500Principal().getName()).contains("Devices CA");
    assertThat(ca.anchor().getSubjectX500Principal().getName()).contains("Contoso Root");
    Leaf leaf = CaFixtures.leaf(ca, "smtp.contoso.example", "outlook.com");
    assertThat(leaf.chain()).hasSize(2).element(1).isEqualTo(ca.certificate());
    CaFixtures.validate(leaf, ca.anchor(), Instant.now());
    CaFixtures.pem(temp.resolve("leaf.pem"), leaf.chain().get(0));
    OpenSsl.must(
        temp,
        "verify",
        "-CAfile",
        "root.pem",
        "-untrusted",
        "sub.pem",
        "-verify_hostname",
        "smtp.contoso.example",
        "leaf.pem");
  }

  @Test
  void keepsToTheConstraintsOfTheOperatorsCa() throws Exception {
    IssuingCa ca = OperatorCa.fromPem(file("chain.pem"), file("sub.key"), null);
    assertThat(List.of("outlook.com", "x.outlook.com", "mail.contoso.example"))
        .allMatch(ca::permits);
    assertThat(
            List.of(
                "contoso.example",
                "secret.contoso.example",
                "a.secret.contoso.example",
                "x.example",
                "192.0.2.1",
                "::1"))
        .noneMatch(ca::permits);
    assertThat(
            ca.namesNotCovered(
                new PermittedNames(
                    List.of("outlook.com", "mail.contoso.example", "contoso.example"),
                    List.of("10.0.0.0/8"))))
        .containsExactly("contoso.example", "10.0.0.0/8");
    // The subject must be below the permitted directory name.
    assertThat(CaFixtures.leaf(ca, "outlook.com").chain().get(0).getSubjectX500Principal())
        .hasToString("CN=outlook.com, O=Contoso, C=DE");
  }

  @Test
  void aLeafBelowAYoungCaKeepsToApplesLimit() throws Exception {
    IssuingCa ca = OperatorCa.fromPem(file("chain.pem"), file("sub.key"), null);
    X509Certificate leaf = CaFixtures.leaf(ca, "outlook.com").chain().get(0);
    Instant start = leaf.getNotBefore().toInstant();
    assertThat(start).isEqualTo(ca.certificate().getNotBefore().toInstant());
    assertThat(Duration.between(start, leaf.getNotAfter().toInstant()))
        .isLessThanOrEqualTo(Duration.ofDays(825));
  }

  @Test
  void worksWithoutTheRootAndSendsTheWholeChain() throws Exception {
    IssuingCa ca = OperatorCa.fromPem(file("sub.pem"), file("sub.key"), null);
    assertThat(ca.anchor()).isEqualTo(ca.certificate());
    assertThat(CaFixtures.leaf(ca, "outlook.com").chain()).hasSize(2);
  }

  @Test
  void refusesWrongAndMissingPasswords() {
    refused(() -> OperatorCa.fromPem(file("sub.pem"), file("sub.pbes2.key"), "wrong"), "decrypted");
    refused(() -> OperatorCa.fromPem(file("sub.pem"), file("sub.old.key"), "wrong"), "decrypted");
    refused(
        () -> OperatorCa.fromPem(file("sub.pem"), file("sub.pbes2.key"), null),
        "is encrypted; give its password");
    refused(() -> OperatorCa.fromPkcs12(file("sub.p12"), "wrong"), "sub.p12", "password is wrong");
    refused(
        () -> OperatorCa.fromPem(file("sub.pem"), file("sub.scrypt.key"), PASSWORD),
        "encryption is unknown",
        "openssl pkcs8 -topk8 -v2 aes-256-cbc");
  }

  @Test
  void refusesMismatchedMissingAndUnreadableFiles() throws Exception {
    refused(
        () -> OperatorCa.fromPem(file("root.pem"), file("sub.key"), null),
        "sub.key does not match",
        "root.pem");
    refused(
        () -> OperatorCa.fromPkcs12(file("sub.pem"), PASSWORD), "is not a readable PKCS#12 file");
    refused(() -> OperatorCa.fromPkcs12(file("none.p12"), PASSWORD), "none.p12", "no such file");
    refused(
        () -> OperatorCa.fromPem(file("none.pem"), file("sub.key"), null),
        "none.pem",
        "no such file");
    refused(() -> OperatorCa.fromPem(file("sub.pem"), file("sub.pem"), null), "has no private key");
    openssl("pkcs12 -export -nokeys -in sub.pem -out empty.p12 -passout pass:@");
    refused(() -> OperatorCa.fromPkcs12(file("empty.p12"), PASSWORD), "has 0 private keys");
  }

  @Test
  void refusesAPlainKeyThatEveryoneCanRead() throws Exception {
    Path open = Files.copy(file("sub.key"), temp.resolve("open.key"));
    Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rw-r-----"));
    assertThat(OperatorCa.fromPem(file("sub.pem"), open, null)).isNotNull();
    Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rw-r--r--"));
    refused(() -> OperatorCa.fromPem(file("sub.pem"), open, null), "chmod 600 " + open);
  }

  @Test
  void refusesCasThatDevicesWouldRefuse() throws Exception {
    String ca = "basicConstraints=critical,CA:TRUE";
    signed("noca", "ec", "/CN=x", "basicConstraints=critical,CA:FALSE");
    refused(() -> pair("noca"), "is not a CA certificate");
    signed("nosign", "ec", "/CN=x", ca, "keyUsage=critical,cRLSign");
    refused(() -> pair("nosign"), "keyCertSign");
    signed("clients", "ec", "/CN=x", ca, "extendedKeyUsage=clientAuth");
    refused(() -> pair("clients"), "lacks serverAuth");
    self("short", "rsa:1024", "/CN=x", ca);
    refused(() -> pair("short"), "2048 bits or more");
    openssl("genpkey -algorithm ed25519 -out ed.key");
    openssl("req -x509 -key ed.key -subj /CN=x -addext " + ca + " -out ed.pem");
    refused(() -> pair("ed"), "ed.pem");
  }

  @Test
  void refusesADamagedCaIfItsIssuerIsInTheFile() throws Exception {
    Path damaged = temp.resolve("damaged.pem");
    CaFixtures.pem(damaged, damagedSub());
    // Without the issuer, only the key can be compared.
    assertThat(OperatorCa.fromPem(damaged, file("sub.key"), null)).isNotNull();
    Files.writeString(damaged, Files.readString(damaged) + Files.readString(file("root.pem")));
    refused(
        () -> OperatorCa.fromPem(damaged, file("sub.key"), null),
        "Contoso Devices CA",
        "is damaged: the signature does not match",
        "restore it from a backup");
  }

  /** The subordinate CA with another bit in its signature. */
  private static X509Certificate damagedSub() throws Exception {
    byte[] encoded = PemFile.read(file("sub.pem")).certificates().get(0).getEncoded();
    encoded[encoded.length - 1] ^= 1;
    return (X509Certificate)
        CertificateFactory.getInstance("X.509")
            .generateCertificate(new ByteArrayInputStream(encoded));
  }

  @Test
  void refusesAPathThatIsTooLong() throws Exception {
    self("top", "ec", "/CN=top", "basicConstraints=critical,CA:TRUE,pathlen:0");
    request("below", "ec", "/CN=below", "top", "basicConstraints=critical,CA:TRUE");
    Files.writeString(
        temp.resolve("long.pem"),
        Files.readString(file("below.pem")) + Files.readString(file("top.pem")));
    refused(
        () -> OperatorCa.fromPem(file("long.pem"), file("below.key"), null),
        "CN=top",
        "0 CAs below it");
  }

  private static IssuingCa pair(String name) throws OperatorException {
    return OperatorCa.fromPem(file(name + ".pem"), file(name + ".key"), null);
  }

  private static Path file(String name) {
    return temp.resolve(name);
  }

  private static void self(String name, String key, String subject, String... extensions)
      throws Exception {
    request(name, key, subject, "", extensions);
  }

  private static void signed(String name, String key, String subject, String... extensions)
      throws Exception {
    request(name, key, subject, "root", extensions);
  }

  private static void request(
      String name, String key, String subject, String issuer, String... extensions)
      throws Exception {
    Path config = temp.resolve(name + ".cnf");
    Files.writeString(
        config,
        "[req]\ndistinguished_name=dn\nx509_extensions=ext\n[dn]\n[base]\nC=DE\nO=Contoso\n[ext]\n"
            + String.join("\n", extensions)
            + "\n");
    openssl(
        "req -x509 -days 3650 -nodes -config "
            + config.getFileName()
            + " -newkey "
            + (key.equals("ec") ? "ec -pkeyopt ec_paramgen_curve:P-256" : key)
            + (issuer.isEmpty() ? "" : " -CA " + issuer + ".pem -CAkey " + issuer + ".key")
            + " -subj "
            + subject.replace(' ', '_')
            + " -keyout "
            + name
            + ".key -out "
            + name
            + ".pem");
  }

  private static void openssl(String arguments) throws Exception {
    String[] words = arguments.split(" ", -1);
    for (int i = 0; i < words.length; i++) {
      words[i] = words[i].replace("@", PASSWORD).replace('_', words[i].startsWith("/") ? ' ' : '_');
    }
    OpenSsl.must(temp, words);
  }

  private static void refused(ThrowingCallable work, String... parts) {
    assertThatThrownBy(work)
        .isInstanceOf(OperatorException.class)
        .hasMessageContainingAll(parts)
        .message()
        .doesNotContain("\n", PASSWORD);
  }
}
