package org.tlsuplift.server.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tlsuplift.proxy.testing.ClientAuthority;
import org.tlsuplift.server.config.binding.ConfigProblem;
import org.tlsuplift.server.config.binding.InvalidConfigException;

/** The operator's certificate for the devices of a listener. */
class ListenerCertificateFilesTest {
  private static final ClientAuthority COMPANY = ClientAuthority.create();
  private static final String FIXED =
      "name: mail, bind: '127.0.0.1:0', accept: fixed, origin: 'smtp.office365.com:587', protocol: smtp, profile: legacy";
  private static final String PROXY =
      "name: web, bind: '127.0.0.1:0', accept: http-connect, profile: legacy";
  private static final String ANTIQUE =
      "name: old, bind: '127.0.0.1:0', accept: fixed, origin: 'outlook.office365.com:443', profile: antique, devices: [10.1.2.0/24], until: 2099-01-01";
  private static final String FILES = "certificate: '@/own.pem', key: '@/own.key'";

  @TempDir
  @SuppressWarnings("NullAway.Init")
  Path directory;

  private final ClientAuthority.Issued issued =
      COMPANY.issueFor("uplift.example.test", "*.scan.example.test");

  @BeforeEach
  void files() throws Exception {
    Files.writeString(directory.resolve("own.pem"), issued.certificatePem());
    secret("own.key", issued.keyPem());
    Files.write(secret("own.p12", ""), issued.pkcs12("correct horse"));
    secret("password", "correct horse\n");
    store("ec", COMPANY.issue("EC", "uplift.example.test"));
    store("nameless", COMPANY.issue("RSA", "uplift.example.test"));
    store("client", COMPANY.issue("RSA", "uplift.example.test", KeyPurposeId.id_kp_clientAuth));
  }

  private void store(String name, ClientAuthority.Issued each) throws Exception {
    Files.writeString(directory.resolve(name + ".pem"), each.certificatePem());
    secret(name + ".key", each.keyPem());
  }

  private Path secret(String name, String content) throws Exception {
    Path file = Files.writeString(directory.resolve(name), content);
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
  }

  /** A listener with these keys in {@code certificate}; {@code @} stands for the directory. */
  private String yaml(String listener, String keys) {
    return "listeners:\n  - {%s, certificate: {%s}}\n"
        .formatted(listener, keys.replace("@", directory.toString()));
  }

  private List<String> warnings(String listener, String keys) throws InvalidConfigException {
    return ConfigLoader.parse(yaml(listener, keys), "test").warnings().stream()
        .map(ConfigProblem::toString)
        .filter(text -> text.contains("certificate"))
        .toList();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {FILES, "pkcs12: '@/own.p12', passwordFile: '@/password'"})
  void isReadFromPemAndPkcs12OnEveryProfile(String keys) throws Exception {
    for (String listener : List.of(FIXED, ANTIQUE)) {
      ListenerConfig read =
          ConfigLoader.parse(yaml(listener, keys), "test").config().listeners().get(0);
      assertThat(read.certificate().files()).isNotNull();
      assertThat(read.certificate().ownCa()).as("no CA of its own").isNull();
      assertThat(warnings(listener, keys)).isEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "certificate: '@/own.pem' | .key: missing; expected the path of a file; add the private key of 'certificate'",
        "key: '@/own.key' | .key: the key has no effect here; 'certificate' is missing; add it, or remove the key",
        "pkcs12: '@/own.p12' | .passwordFile: missing; expected the path of a file; add the file with the password of 'pkcs12'",
        "certificate: '@/own.pem', key: '@/own.key', signature: SHA1 | .signature: the key has no effect here; the certificate in the files has its own; remove the key",
        "certificate: '@/own.pem', key: '@/client.key' | : @/client.key does not match @/own.pem: the key belongs to another certificate; set the matching pair",
        "certificate: '@/ec.pem', key: '@/ec.key' | : the certificate of CN=uplift.example.test has a key of type EC; old devices need RSA; get a certificate with an RSA key",
        "certificate: '@/nameless.pem', key: '@/nameless.key' | : the certificate of CN=uplift.example.test has no host name or address in subjectAltName; get one with the name by which devices reach this machine",
      })
  void problems(String keys, String message) {
    assertThat(ConfigProblemsTest.problems(yaml(FIXED, keys)))
        .containsExactly("listeners[0].certificate" + message.replace("@", directory.toString()));
  }

  @Test
  void aListenerOfAnotherProfileHasNoFormOfCertificates() {
    assertThat(ConfigProblemsTest.problems(yaml(FIXED, "keyAlgorithm: RSA-1024")))
        .containsExactly(
            "listeners[0].certificate: the key has no effect here; these keys are for 'profile: antique' only; remove it, or set 'certificate' and 'key', or 'pkcs12'");
  }

  @Test
  void warnsOfNamesThatDevicesUseAndTheCertificateLacks() throws Exception {
    assertThat(
            warnings(
                FIXED + ", serverNames: [uplift.example.test, a.scan.example.test, mail.example]",
                FILES))
        .containsExactly(
            "listeners[0].certificate: the certificate is not for 'mail.example' of 'serverNames', but for uplift.example.test, *.scan.example.test; devices that ask for this name are refused; get a certificate with it, or remove it");
  }

  @Test
  void warnsOfACertificateThatServesNoDevice() throws Exception {
    assertThat(warnings(PROXY, FILES))
        .containsExactly(
            "listeners[0].certificate: the certificate is for uplift.example.test, *.scan.example.test, and no route bridges such a destination; no device is served; use it on a listener with 'accept: fixed', whose devices use a name of this machine");
  }

  @Test
  void warnsOfAMissingIssuerAndOfAKeyThatOthersCanRead() throws Exception {
    Files.writeString(
        directory.resolve("own.pem"),
        issued.certificatePem().split("(?<=-----END CERTIFICATE-----\n)", -1)[0]);
    Files.setPosixFilePermissions(
        directory.resolve("own.key"), PosixFilePermissions.fromString("rw-r--r--"));
    assertThat(warnings(FIXED, FILES))
        .satisfiesExactly(
            text ->
                assertThat(text)
                    .startsWith(
                        "listeners[0].certificate: the files have no certificate of the issuer, 'CN=Client Authority ")
                    .contains("append the intermediate certificates"),
            text ->
                assertThat(text)
                    .startsWith("listeners[0].certificate.key: ")
                    .contains("can impersonate this listener"));
  }
}
