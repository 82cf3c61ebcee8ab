package org.tlsuplift.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlsuplift.proxy.ca.SignatureHash;
import org.tlsuplift.proxy.testing.Peer;
import org.tlsuplift.proxy.testing.Program;
import org.tlsuplift.server.config.binding.ConfigProblem;
import org.tlsuplift.server.config.binding.InvalidConfigException;
import org.tlsuplift.server.config.binding.Problems;

/** What is told about files that are missing or of the wrong kind. */
class ConfigFilesTest {
  private static final String LISTENERS =
      "listeners: [{name: web, bind: '127.0.0.1:0', accept: http-connect, profile: legacy}]\n";

  @TempDir
  @SuppressWarnings("NullAway.Init")
  Path directory;

  @Test
  void explainsAMissingConfiguration() {
    Path file = directory.resolve("none.yaml");
    assertThatThrownBy(() -> ConfigLoader.load(file))
        .isInstanceOf(InvalidConfigException.class)
        .hasMessage(
            file
                + ": 1 problem\n  no such file; expected a YAML file; set --config to the configuration file");
  }

  @Test
  void explainsADirectoryAsConfiguration() {
    assertThatThrownBy(() -> ConfigLoader.load(directory))
        .hasMessageContaining(
            "the file cannot be read; expected a YAML file; check that it is a file");
  }

  @Test
  void explainsAnotherEncoding() throws IOException {
    Path file = directory.resolve("latin.yaml");
    Files.write(file, "# M\u00fcnchen".getBytes(StandardCharsets.ISO_8859_1));
    assertThatThrownBy(() -> ConfigLoader.load(file))
        .hasMessageContaining("the file is not UTF-8 text");
  }

  @Test
  void explainsAFileThatIsNoConfiguration() throws IOException {
    Path file = directory.resolve("huge.yaml");
    Files.write(file, new byte[(1 << 20) + 1]);
    assertThatThrownBy(() -> ConfigLoader.load(file)).hasMessageContaining("larger than 1 MiB");
  }

  /** Such as the directory of an ACME client, which only root may enter. */
  @Test
  void explainsAFileInAnInaccessibleDirectory() throws IOException {
    Path live = Files.createDirectory(directory.resolve("live"));
    Path file = Files.createFile(live.resolve("fullchain.pem"));
    Files.setPosixFilePermissions(live, PosixFilePermissions.fromString("---------"));
    try {
      assumeFalse(Files.isReadable(file), "this user may read everything");
      assertThat(ConfigProblemsTest.problems(trusting(file)))
          .containsExactly(
              "upstream.trust: got '"
                  + file
                  + "'; expected a readable file; this user may not enter its directory; copy the file to one that it may enter ("
                  + file
                  + ")");
    } finally {
      Files.setPosixFilePermissions(live, PosixFilePermissions.fromString("rwx------"));
    }
  }

  /** A copy of the daemon's key would be open to others. */
  @Test
  void namesTheOwnerOfADirectoryThatThisUserMayNotEnter() throws Exception {
    assumeThat(Files.getAttribute(directory, "unix:uid")).as("root").isEqualTo(0);
    Path file = Files.createDirectory(directory.resolve("data")).resolve("key.pem");
    Files.createFile(file);
    Files.setPosixFilePermissions(file.getParent(), PosixFilePermissions.fromString("rwx------"));
    Files.setAttribute(file.getParent(), "unix:uid", 12_345);
    List<String> command =
        List.of(
            Peer.require("setpriv", "util-linux").toString(),
            "--bounding-set=-dac_override,-dac_read_search",
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            Reader.class.getName(),
            file.toString());
    // The class path may be relative.
    assertThat(Program.must(Path.of("").toAbsolutePath(), command))
        .contains(
            "this user may not enter its directory; run the command as 12345, who owns it: sudo -u"
                + " 12345 (");
  }

  /** Checks whether a file can be read. */
  static final class Reader {
    private Reader() {}

    public static void main(String[] arguments) {
      Problems problems = new Problems();
      var unused = FileChecks.readable("key", Path.of(arguments[0]), problems);
      System.out.print(problems.errors());
    }
  }

  @Test
  void explainsAnUnusableTrustBundle() throws IOException {
    Path missing = directory.resolve("none.pem");
    assertThat(ConfigProblemsTest.problems(trusting(missing)))
        .containsExactly(
            "upstream.trust: got '"
                + missing
                + "'; expected a readable file; no such file ("
                + missing
                + ")");
    assertThat(ConfigProblemsTest.problems(trusting(directory)))
        .singleElement()
        .asString()
        .contains("this is a directory");
    Path empty = Files.createFile(directory.resolve("empty.pem"));
    assertThat(ConfigProblemsTest.problems(trusting(empty)))
        .containsExactly(
            "upstream.trust: got '"
                + empty
                + "'; expected a PEM file with certificates; the file has no certificate");
    Path corrupt = Files.writeString(directory.resolve("corrupt.pem"), "no certificate");
    assertThat(ConfigProblemsTest.problems(trusting(corrupt)))
        .containsExactly(
            "upstream.trust: got '"
                + corrupt
                + "'; expected a PEM file with certificates; the file is damaged or has another format");
  }

  @Test
  void explainsProblemsOfASocksPasswordFile() throws Exception {
    Path file = directory.resolve("scanner.password");
    String listeners =
        "listeners: [{name: socks, bind: '127.0.0.1:0', accept: socks, profile: legacy,"
            + " users: [{name: scanner, passwordFile: '%s'}]}]\n".formatted(file);
    assertThat(ConfigProblemsTest.problems(listeners))
        .singleElement()
        .asString()
        .startsWith("listeners[0].users[0].passwordFile: got '" + file)
        .contains("no such file");
    Files.writeString(file, "Gef\u00fchl\n");
    assertThat(ConfigProblemsTest.problems(listeners))
        .containsExactly(
            "listeners[0].users[0].passwordFile: "
                + file
                + " has no valid SOCKS password; the first line needs 1 to 255 visible ASCII characters");
    Files.writeString(file, "\n");
    assertThat(ConfigProblemsTest.problems(listeners))
        .containsExactly(
            "listeners[0].users[0].passwordFile: "
                + file
                + " is empty; put the password on its first line");
    Files.writeString(file, "hunter2\nnot this\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    assertThat(ConfigLoader.parse(listeners, "test").warnings())
        .extracting(ConfigProblem::toString)
        .containsExactly(
            "listeners[0].users[0].passwordFile: '"
                + file
                + "' is accessible to other users (mode rw-r--r--); anyone with this file can use this listener; run: chmod 600 "
                + file);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    LoadedConfig loaded = ConfigLoader.parse(listeners, "test");
    assertThat(loaded.warnings()).isEmpty();
    assertThat(loaded.config().listeners().get(0).access().users())
        .containsExactly(new ListenerConfig.User("scanner", file));
  }

  @Test
  void aKeyForTokensThatOthersCanReadIsRefused() throws Exception {
    Path file = Files.write(directory.resolve("tokens.key"), new byte[32]);
    String yaml =
        LISTENERS + "database: {url: 'jdbc:postgresql://db/uplift', keyFile: '" + file + "'}\n";
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    assertThat(ConfigProblemsTest.problems(yaml))
        .containsExactly(
            "database.keyFile: '"
                + file
                + "' is accessible to other users (mode rw-r--r--); expected a file that only this user can read; anyone with this file can access the mailboxes; run: chmod 600 "
                + file);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
    assertThat(ConfigLoader.parse(yaml, "test").config().database().keyFile()).isEqualTo(file);
  }

  @Test
  void acceptsATrustBundle() throws Exception {
    Path bundle = Files.writeString(directory.resolve("roots.pem"), pem());
    assertThat(ConfigLoader.parse(trusting(bundle), "test").config().upstream().trust())
        .isEqualTo(bundle);
  }

  @Test
  void explainsProblemsOfTheOperatorsCa() throws Exception {
    Path certificate = Files.writeString(directory.resolve("ca.pem"), pem());
    Path key = Files.createFile(directory.resolve("ca.key"));
    String yaml = LISTENERS + "certificateAuthority: {certificate: '" + certificate + "'";
    CertificateAuthorityConfig authority =
        ConfigLoader.parse(yaml + ", key: '" + key + "', signature: SHA384}", "test")
            .config()
            .certificateAuthority();
    assertThat(authority.keyFiles().certificate()).isEqualTo(certificate);
    assertThat(authority.keyFiles().key()).isEqualTo(key);
    assertThat(authority.signature()).isEqualTo(SignatureHash.SHA384);
    assertThat(
            ConfigProblemsTest.problems(
                yaml + ", keyAlgorithm: EC-P256, pkcs12: '" + key + "', passwordFile: nowhere}"))
        .containsExactly(
            "certificateAuthority.keyAlgorithm: the key has no effect here; it is for a CA that the daemon creates; remove it, or remove 'certificate' and 'pkcs12'",
            "certificateAuthority.pkcs12: the key has no effect here; 'certificate' is set too; keep one of the two",
            "certificateAuthority.key: missing; expected the path of a file; add the private key of 'certificate'",
            "certificateAuthority.passwordFile: got 'nowhere'; expected a readable file; no such file ("
                + Path.of("nowhere").toAbsolutePath()
                + ")");
  }

  private static String trusting(Path bundle) {
    return LISTENERS + "upstream: {trust: '" + bundle + "'}";
  }

  /** Any certificate does: one that the Java runtime trusts. */
  private static String pem() throws Exception {
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init((KeyStore) null);
    List<TrustManager> managers = List.of(factory.getTrustManagers());
    X509Certificate root = ((X509TrustManager) managers.get(0)).getAcceptedIssuers()[0];
    return "-----BEGIN CERTIFICATE-----\n"
        + Base64.getMimeEncoder().encodeToString(root.getEncoded())
        + "\n-----END CERTIFICATE-----\n";
  }
}
