package org.tlsuplift.server.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlsuplift.proxy.ca.CaExport;

/** What the {@code ca} commands show and write. */
class CaCommandsTest {
  @TempDir Path directory;
  private String config = "";

  @BeforeEach
  void writeConfig() throws Exception {
    config = Configs.write(directory);
  }

  @Test
  void saysHowToGetAnAuthorityThatIsNotThere() {
    for (String command : new String[] {"show", "export"}) {
      CommandRun run = CommandRun.of("ca", command, "-c", config);
      assertThat(run.exit()).isEqualTo(1);
      assertThat(run.err()).contains("does not exist", "tls-uplift run").hasLineCount(1);
    }
    assertThat(directory.resolve("data")).doesNotExist();
  }

  @Test
  void showsWhatKeepersOfDevicesCompare() throws Exception {
    CommandRun.of("ca", "rotate", "-c", config);
    X509Certificate certificate = read(directory.resolve("data/ca/ca.crt.pem"));

    CommandRun run = CommandRun.of("ca", "show", "-c", config);

    assertThat(run.exit()).isZero();
    assertThat(run.out())
        .contains(CaExport.sha256(certificate), CaExport.sha1(certificate))
        .contains(certificate.getSubjectX500Principal().toString())
        .contains("EC-P256")
        .contains("expires      " + certificate.getNotAfter().toInstant())
        .contains("may sign     permits localhost");
  }

  @Test
  void exportsEveryFormAndNeverTheKey() throws Exception {
    CommandRun.of("ca", "rotate", "-c", config);
    X509Certificate certificate = read(directory.resolve("data/ca/ca.crt.pem"));
    Path target = directory.resolve("for/devices");

    CommandRun run = CommandRun.of("ca", "export", "-c", config, "--to", target.toString());

    assertThat(run.exit()).isZero();
    assertThat(run.out()).contains(CaExport.sha256(certificate));
    assertThat(target).isDirectoryContaining("glob:**.pem");
    for (String extension : new String[] {"pem", "cer", "p7b"}) {
      Path file = target.resolve("tls-uplift-ca." + extension);
      assertThat(Files.readString(file, java.nio.charset.StandardCharsets.ISO_8859_1))
          .doesNotContain("PRIVATE KEY");
      assertThat(read(file)).isEqualTo(certificate);
    }
  }

  @Test
  void exportsOnlyTheFormsAskedFor() {
    CommandRun.of("ca", "rotate", "-c", config);
    CommandRun run =
        CommandRun.of("ca", "export", "-c", config, "-f", "der", "-t", directory.toString());
    assertThat(run.exit()).isZero();
    assertThat(directory.resolve("tls-uplift-ca.cer")).exists();
    assertThat(directory.resolve("tls-uplift-ca.pem")).doesNotExist();
  }

  @Test
  void refusesAFormThatThereIsNot() {
    CommandRun run = CommandRun.of("ca", "export", "-c", config, "-f", "jks");
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.err()).contains("jks", "PEM, DER, PKCS7");
  }

  @Test
  void rotatesAndSaysWhatIsLeftToDo() throws Exception {
    CommandRun.of("ca", "rotate", "-c", config);
    X509Certificate old = read(directory.resolve("data/ca/ca.crt.pem"));

    CommandRun run = CommandRun.of("ca", "rotate", "-c", config);

    assertThat(run.exit()).isZero();
    assertThat(run.out())
        .contains("kept the old certificate as", "erased the old key", "restart the daemon");
    assertThat(read(directory.resolve("data/ca/ca.crt.pem"))).isNotEqualTo(old);
  }

  private void withListenerAuthority() throws Exception {
    Path file = Path.of(config);
    Files.writeString(
        file,
        Files.readString(file)
            .replace(
                "routes:",
                """
                  - {name: alarms, bind: "127.0.0.1:0", accept: http-connect, profile: antique,
                     devices: [10.1.2.0/28], until: 2100-01-01,
                     certificate: {keyAlgorithm: RSA-1024, signature: SHA1, extensions: minimal}}
                routes:"""));
  }

  @Test
  void picksTheAuthorityOfAListener() throws Exception {
    withListenerAuthority();
    CommandRun.of("ca", "rotate", "-c", config);
    Path main = directory.resolve("data/ca/ca.crt.pem");
    X509Certificate before = read(main);
    assertThat(CommandRun.of("ca", "show", "-c", config).out())
        .contains("of the listener alarms alone:", "made at the first start");

    CommandRun rotated = CommandRun.of("ca", "rotate", "-c", config, "--listener", "alarms");

    assertThat(rotated.exit()).isZero();
    assertThat(rotated.out())
        .contains("for the listener alarms alone with an RSA-1024 key", "export --listener alarms");
    X509Certificate own = read(directory.resolve("data/listeners/alarms/ca.crt.pem"));
    assertThat(read(main)).isEqualTo(before);
    assertThat(own.getSigAlgName()).isEqualTo("SHA1withRSA");

    assertThat(CommandRun.of("ca", "show", "-c", config, "--listener", "alarms").out())
        .contains("RSA-1024, signed with SHA1withRSA", CaExport.sha256(own))
        .contains("for any name")
        .doesNotContain(CaExport.sha256(before));
    assertThat(CommandRun.of("ca", "show", "-c", config).out())
        .contains(CaExport.sha256(before), CaExport.sha256(own));

    String here = directory.toString();
    assertThat(CommandRun.of("ca", "export", "-c", config, "-t", here).out())
        .contains(
            "the listener alarms has an authority of its own: tls-uplift ca export --listener"
                + " alarms");
    assertThat(CommandRun.of("ca", "export", "-c", config, "-t", here, "-l", "alarms").exit())
        .isZero();
    assertThat(read(directory.resolve("tls-uplift-ca.pem"))).isEqualTo(before);
    assertThat(read(directory.resolve("tls-uplift-ca-alarms.pem"))).isEqualTo(own);
  }

  @Test
  void refusesAListenerWithoutAnAuthorityOfItsOwn() throws Exception {
    assertThat(CommandRun.of("ca", "show", "-c", config, "-l", "web").err())
        .contains("'web' has no authority of its own; no listener of this configuration has a");
    withListenerAuthority();
    CommandRun run = CommandRun.of("ca", "rotate", "-c", config, "-l", "web");
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.err()).contains("'web' has no authority of its own; these have: alarms");
  }

  private static X509Certificate read(Path file) throws Exception {
    try (InputStream content = Files.newInputStream(file)) {
      CertificateFactory factory = CertificateFactory.getInstance("X.509");
      return (X509Certificate) factory.generateCertificates(content).iterator().next();
    }
  }
}
