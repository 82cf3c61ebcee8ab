package org.tlsuplift.server.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tlsuplift.proxy.route.Route;
import org.tlsuplift.proxy.route.WhenModern;
import org.tlsuplift.proxy.testing.ClientAuthority;
import org.tlsuplift.server.config.binding.ConfigProblem;
import org.tlsuplift.server.config.binding.InvalidConfigException;
import org.tlsuplift.server.config.secret.IdentityContent;
import org.tlsuplift.server.config.secret.KeyFiles;
import org.tlsuplift.server.process.PemFile;

/** What a route may present, and what is told about files that cannot be. */
class ClientCertificateTest {
  private static final ClientAuthority CLIENTS = ClientAuthority.create();

  @TempDir
  @SuppressWarnings("NullAway.Init")
  Path directory;

  private final ClientAuthority.Issued issued = CLIENTS.issue("RSA", "relay.example.test");

  @BeforeEach
  void files() throws Exception {
    Files.writeString(directory.resolve("relay.pem"), issued.certificatePem());
    secret("relay.key", issued.keyPem());
    Files.write(secret("relay.p12", ""), issued.pkcs12("correct horse"));
    secret("password", "correct horse\n");
    secret("other.key", CLIENTS.issue("RSA", "other.example.test").keyPem());
  }

  private Path secret(String name, String content) throws Exception {
    Path file = Files.writeString(directory.resolve(name), content);
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
  }

  /** A route with these keys; {@code @} stands for the directory. */
  private String yaml(String keys) {
    return """
    listeners: [{name: web, bind: '127.0.0.1:0', accept: http-connect, profile: legacy, mail: {allowedSenders: [scanner@contoso.example]}}]
    routes:
      - {to: ["a.example:25", "b.example:25"], %s}
      - {to: ["c.example"], action: bridge}
    """
        .formatted(keys.replace("@", directory.toString()));
  }

  private ServerConfig load(String keys) throws InvalidConfigException {
    LoadedConfig loaded = ConfigLoader.parse(yaml(keys), "test");
    // Some routes are there for their names only.
    assertThat(loaded.warnings())
        .filteredOn(warning -> !warning.toString().contains("is never used"))
        .isEmpty();
    return loaded.config();
  }

  private List<String> warnings(String keys) throws InvalidConfigException {
    return ConfigLoader.parse(yaml(keys), "test").warnings().stream()
        .map(ConfigProblem::toString)
        .toList();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "certificate: '@/relay.pem', key: '@/relay.key'",
        "pkcs12: '@/relay.p12', passwordFile: '@/password'",
      })
  void aRoutePresentsTheCertificateOfItsFiles(String files) throws Exception {
    ServerConfig config = load("action: bridge, clientCertificate: {" + files + "}");

    assertThat(config.routes().get(0).whenModern()).isEqualTo(WhenModern.BRIDGE);
    assertThat(ConfiguredRoutes.of(config).routes())
        .extracting(Route::clientCertificate)
        .containsExactly("a.example:25", null);
    KeyFiles named = ConfiguredRoutes.clientCertificates(config.routes()).get("a.example:25");
    assertThat(named).isNotNull();
    assertThat(IdentityContent.read(named).identity().certificate())
        .isEqualTo(issued.certificate());
    // The root is not sent: who trusts it has it.
    assertThat(IdentityContent.read(named).identity().chain()).hasSize(1);
  }

  @Test
  void refusesADamagedCertificate() throws Exception {
    byte[] damaged = issued.certificate().getEncoded();
    damaged[damaged.length - 1] ^= 1;
    Files.write(directory.resolve("damaged.pem"), PemFile.block("CERTIFICATE", damaged));
    Files.write(
        directory.resolve("damaged.pem"),
        PemFile.block("CERTIFICATE", CLIENTS.certificate().getEncoded()),
        StandardOpenOption.APPEND);
    assertThat(
            ConfigProblemsTest.problems(
                yaml(
                    "action: bridge, clientCertificate: {certificate: '@/damaged.pem', key:"
                        + " '@/relay.key'}")))
        .singleElement()
        .asString()
        .contains("damaged.pem (CN=relay.example.test) is damaged: the signature does not match");
  }

  @Test
  void routesWithTheSameFilesShareOneName() throws Exception {
    String files = "clientCertificate: {certificate: '@/relay.pem', key: '@/relay.key'}";
    String other = "clientCertificate: {pkcs12: '@/relay.p12', passwordFile: '@/password'}";
    ServerConfig config =
        load(
            "action: bridge, "
                + files
                + "}\n  - {to: ['a.example:25'], action: bridge, "
                + other
                + "}\n  - {to: ['d.example'], action: bridge, "
                + files);
    assertThat(ConfiguredRoutes.of(config).routes())
        .extracting(Route::clientCertificate)
        .containsExactly("a.example:25", "a.example:25 (routes[1])", "a.example:25", null);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "action: tunnel, clientCertificate: {certificate: x, key: y} | clientCertificate: the key has no effect here; only a bridge can present it; write 'action: bridge', or remove the key",
        "action: deny, clientCertificate: {certificate: x, key: y} | clientCertificate: the key has no effect here; only a bridge can present it; write 'action: bridge', or remove the key",
        "action: bridge, whenModern: tunnel, clientCertificate: {certificate: '@/relay.pem', key: '@/relay.key'} | whenModern: the key has no effect here; a tunnel cannot present the 'clientCertificate'; remove the key",
        "action: bridge, clientCertificate: '@/relay.pem' | clientCertificate: got '@/relay.pem'; expected a section with keys",
        "action: bridge, clientCertificate: {} | clientCertificate.certificate: missing; expected the path of a file; set 'certificate' and 'key', or 'pkcs12'",
        "action: bridge, clientCertificate: {certificate: '@/relay.pem'} | clientCertificate.key: missing; expected the path of a file; add the private key of 'certificate'",
        "action: bridge, clientCertificate: {certificate: '@/relay.pem', key: '@/relay.key', pkcs12: '@/relay.p12', passwordFile: '@/password'} | clientCertificate.pkcs12: the key has no effect here; 'certificate' is set too; keep one of the two",
        "action: bridge, clientCertificate: {pkcs12: '@/relay.p12'} | clientCertificate.passwordFile: missing; expected the path of a file; add the file with the password of 'pkcs12'",
        "action: bridge, clientCertificate: {pkcs12: '@/relay.p12', key: '@/relay.key', passwordFile: '@/password'} | clientCertificate.key: the key has no effect here; 'certificate' is missing; add it, or remove the key",
        "action: bridge, clientCertificate: {certificate: '@/relay.pem', key: '@/relay.key', signature: SHA256} | clientCertificate.signature: unknown key; expected certificate, key, pkcs12, passwordFile",
        "action: bridge, clientCertificate: {certificate: '@/relay.pem', key: '@/none.key'} | clientCertificate.key: got '@/none.key'; expected a readable file; no such file (@/none.key)",
        "action: bridge, clientCertificate: {certificate: '@/relay.key', key: '@/relay.key'} | clientCertificate.certificate: got '@/relay.key'; expected a PEM file with certificates; the file is damaged or has another format",
        "action: bridge, clientCertificate: {certificate: '@/relay.pem', key: '@/relay.pem'} | clientCertificate: @/relay.pem has no private key; expected a PEM file with BEGIN PRIVATE KEY",
        "action: bridge, clientCertificate: {certificate: '@/relay.pem', key: '@/other.key'} | clientCertificate: @/other.key does not match @/relay.pem: the key belongs to another certificate; set the matching pair",
        "action: bridge, clientCertificate: {pkcs12: '@/relay.p12', passwordFile: '@/other.key'} | clientCertificate: @/relay.p12 cannot be opened: the password is wrong; check the password",
      })
  void rejectsUnusableCertificates(String keys, String message) {
    assertThat(ConfigProblemsTest.problems(yaml(keys)))
        .singleElement()
        .asString()
        .isEqualTo(shortened("routes[0]." + message));
  }

  /** Long values are cut, and the directory is long. */
  private String shortened(String message) {
    return message.replace("@", directory.toString());
  }

  @Test
  void warnsOfAKeyThatOthersCanRead() throws Exception {
    Path key = directory.resolve("relay.key");
    Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-r--r--"));
    assertThat(
            warnings(
                "action: bridge, clientCertificate: {certificate: '@/relay.pem', key: '@/relay.key'}"))
        .containsExactly(
            "routes[0].clientCertificate.key: '"
                + key
                + "' is accessible to other users (mode rw-r--r--); anyone with this file can send mail as you; run: chmod 600 "
                + key);
  }

  @Test
  void warnsOfACertificateThatIsNotForClients() throws Exception {
    present(CLIENTS.issue("EC", "relay.example.test", KeyPurposeId.id_kp_serverAuth));
    assertThat(
            warnings(
                "action: bridge, clientCertificate: {certificate: '@/relay.pem', key: '@/relay.key'}"))
        .singleElement()
        .asString()
        .contains("CN=relay.example.test has no clientAuth in its extended key usage");
    present(
        CLIENTS.issue(
            "EC",
            "relay.example.test",
            KeyPurposeId.id_kp_serverAuth,
            KeyPurposeId.id_kp_clientAuth));
    load("action: bridge, clientCertificate: {certificate: '@/relay.pem', key: '@/relay.key'}");
  }

  private void present(ClientAuthority.Issued other) throws Exception {
    Files.writeString(directory.resolve("relay.pem"), other.certificatePem());
    secret("relay.key", other.keyPem());
  }
}
