package org.tlsuplift.server.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlsuplift.proxy.tls.chain.Fingerprint;
import org.tlsuplift.server.audit.AuditJournal;
import org.tlsuplift.server.audit.AuditRecord;
import org.tlsuplift.server.inventory.VerdictRules;
import org.tlsuplift.server.inventory.record.WrittenInventory;
import org.tlsuplift.server.inventory.record.WrittenInventory.Does;

/** What the {@code ca} commands show and write. */
class CaCommandsTest {
  @TempDir Path directory;
  private String config = "";

  @BeforeEach
  void writeConfig() throws Exception {
    config = Configs.write(directory);
  }

  @Test
  void explainsHowToCreateAMissingCa() {
    for (String command : new String[] {"show", "export"}) {
      CommandRun run = CommandRun.of("ca", command, "-c", config);
      assertThat(run.exit()).isEqualTo(1);
      assertThat(run.err()).contains("does not exist", "tls-uplift run").hasLineCount(1);
    }
    assertThat(directory.resolve("data")).doesNotExist();
  }

  @Test
  void showsFingerprintsSubjectKeyAndNames() throws Exception {
    Configs.makeAuthority(config);
    X509Certificate certificate = read(directory.resolve("data/ca/ca.crt.pem"));

    CommandRun run = CommandRun.of("ca", "show", "-c", config);

    assertThat(run.exit()).isZero();
    assertThat(run.out())
        .contains(Fingerprint.sha256(certificate), Fingerprint.sha1(certificate))
        .contains(certificate.getSubjectX500Principal().toString())
        .contains("EC-P256")
        .contains("expires      " + certificate.getNotAfter().toInstant())
        .contains("signs        for all listeners")
        .contains("permits      ", ": the hosts of your routes", "'tls-uplift ca show --names'")
        .doesNotContain("permits localhost");
    assertThat(ca("show", "--names").out().lines()).contains("             permits localhost");
  }

  @Test
  void exportsEveryFormAndNeverTheKey() throws Exception {
    Configs.makeAuthority(config);
    X509Certificate certificate = read(directory.resolve("data/ca/ca.crt.pem"));
    Path target = directory.resolve("for/devices");

    CommandRun run = CommandRun.of("ca", "export", "-c", config, "--to", target.toString());

    assertThat(run.exit()).isZero();
    assertThat(run.out()).contains(Fingerprint.sha256(certificate));
    assertThat(target).isDirectoryContaining("glob:**.pem");
    for (String extension : new String[] {"pem", "cer", "p7b"}) {
      Path file = target.resolve("tls-uplift-ca." + extension);
      assertThat(Files.readString(file, java.nio.charset.StandardCharsets.ISO_8859_1))
          .doesNotContain("PRIVATE KEY");
      assertThat(read(file)).isEqualTo(certificate);
    }
  }

  @Test
  void exportsOnlyTheFormsAskedFor() throws Exception {
    Configs.makeAuthority(config);
    CommandRun run =
        CommandRun.of("ca", "export", "-c", config, "-f", "der", "-t", directory.toString());
    assertThat(run.exit()).isZero();
    assertThat(directory.resolve("tls-uplift-ca.cer")).exists();
    assertThat(directory.resolve("tls-uplift-ca.pem")).doesNotExist();
  }

  @Test
  void refusesAnUnknownForm() {
    CommandRun run = CommandRun.of("ca", "export", "-c", config, "-f", "jks");
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.err()).contains("jks", "PEM, DER, PKCS7");
  }

  private X509Certificate signing() throws Exception {
    return read(directory.resolve("data/ca/ca.crt.pem"));
  }

  private CommandRun ca(String command, String... more) {
    List<String> all = new ArrayList<>(List.of("ca", command, "-c", config));
    all.addAll(List.of(more));
    return CommandRun.of(all.toArray(String[]::new));
  }

  @Test
  void stagesActivatesUndoesAndRetires() throws Exception {
    Configs.makeAuthority(config);
    X509Certificate first = signing();

    CommandRun stage = ca("stage");

    assertThat(stage.exit()).isZero();
    X509Certificate next = read(directory.resolve("data/ca/staged/ca.crt.pem"));
    assertThat(signing()).isEqualTo(first);
    assertThat(stage.out())
        .contains("signs now  SHA-256 " + Fingerprint.sha256(first))
        .contains("staged     SHA-256 " + Fingerprint.sha256(next))
        .contains("tls-uplift-staged-ca.pem", "tls-uplift ca export", "tls-uplift ca activate");
    CommandRun second = ca("stage");
    assertThat(second.exit()).isEqualTo(1);
    assertThat(second.err()).contains("staged already", Fingerprint.sha256(next)).hasLineCount(1);
    assertThat(ca("show").out())
        .contains(Fingerprint.sha256(first), Fingerprint.sha256(next))
        .contains("signs        for all listeners", "staged       for all", "ca activate'");

    CommandRun activate = ca("activate");

    assertThat(activate.exit()).isZero();
    assertThat(signing()).isEqualTo(next);
    assertThat(activate.out())
        .contains("signs now  SHA-256 " + Fingerprint.sha256(next))
        .contains("tls-uplift ca show", "tls-uplift ca undo", "tls-uplift ca retire");
    assertThat(ca("show").out())
        .contains(
            Fingerprint.sha256(first),
            Fingerprint.sha256(next),
            "previous     signed for all listeners until")
        .contains(
            "refused by   an unknown number of devices, because the inventory cannot be read: there is no");
    assertThat(ca("activate").err()).contains("tls-uplift ca retire");

    assertThat(ca("undo").out())
        .contains("signs now  SHA-256 " + Fingerprint.sha256(first), "staged again");
    assertThat(signing()).isEqualTo(first);
    assertThat(ca("activate").exit()).isZero();
    assertThat(ca("retire").out()).contains("kept the old certificate as", "erased the key");
    assertThat(ca("undo").exit()).isEqualTo(1);
    assertThat(ca("stage").exit()).isZero();
    assertThat(ca("undo").out()).contains("erased the staged CA");
    assertThat(signing()).isEqualTo(next);
  }

  @Test
  void showsTheDevicesThatRefuseTheActivatedAuthority() throws Exception {
    Configs.makeAuthority(config);
    ca("stage");
    ca("activate");
    Instant now = Instant.now();
    try (WrittenInventory seen =
        new WrittenInventory(
            directory.resolve("data").resolve("inventory.db"), VerdictRules.defaults(), now)) {
      seen.saw("10.1.2.3", now.plusSeconds(1), "web", Does.DISTRUST)
          .saw("10.1.2.4", now.minus(Duration.ofDays(1)), "web", Does.DISTRUST)
          .saw("10.1.2.5", now.plusSeconds(1), "web", Does.DISTRUST)
          .saw("10.1.2.5", now.plusSeconds(2), "web", Does.TLS_1_0)
          .write();
    }
    assertThat(ca("show").out())
        .contains("refused by   1 device since then: 10.1.2.3; 'tls-uplift devices ADDRESS'");
  }

  @Test
  void exportsTheStagedAuthorityUnderItsOwnName() throws Exception {
    Configs.makeAuthority(config);
    ca("stage");
    CommandRun run = ca("export", "-t", directory.toString());
    assertThat(run.exit()).isZero();
    X509Certificate staged = read(directory.resolve("data/ca/staged/ca.crt.pem"));
    assertThat(run.out()).contains(Fingerprint.sha256(signing()), Fingerprint.sha256(staged));
    for (String extension : new String[] {"pem", "cer", "p7b"}) {
      assertThat(read(directory.resolve("tls-uplift-ca." + extension))).isEqualTo(signing());
      assertThat(read(directory.resolve("tls-uplift-staged-ca." + extension))).isEqualTo(staged);
    }
  }

  /** A broken CA is the reason to stage another one: its certificate must get to the devices. */
  @Test
  void stagesAndExportsBesideABrokenAuthority() throws Exception {
    Configs.makeAuthority(config);
    Files.writeString(directory.resolve("data/ca/ca.key.pem"), "garbage");
    assertThat(ca("stage").out()).contains("signs now  none: ", "ca.key.pem");
    CommandRun export = ca("export", "-t", directory.toString());
    assertThat(export.exit()).isEqualTo(1);
    assertThat(export.err()).contains("ca.key.pem");
    assertThat(directory.resolve("tls-uplift-staged-ca.pem")).exists();
    assertThat(ca("show").out()).contains("staged       for all listeners since ");
    assertThat(ca("activate").exit()).isZero();
    assertThat(ca("export", "-t", directory.toString()).exit()).isZero();
  }

  @Test
  void checkReportsAStagedAndAPreviousCa() throws Exception {
    Configs.makeAuthority(config);
    ca("stage");
    assertThat(CommandRun.of("check", "-c", config).out())
        .contains("note: a CA for all listeners was staged on");
    ca("activate");
    assertThat(CommandRun.of("check", "-c", config).out())
        .contains("note: the previous CA for all listeners was replaced on");
  }

  @Test
  void refusesToStageBesideTheOperatorsOwnCa() throws Exception {
    Configs.makeAuthority(config);
    Path own = Files.move(directory.resolve("data/ca"), directory.resolve("own"));
    Path file = Path.of(config);
    Files.writeString(
        file,
        Files.readString(file)
            .replace(
                "{keyAlgorithm: EC-P256}",
                "{certificate: '%1$s/ca.crt.pem', key: '%1$s/ca.key.pem'}".formatted(own)));
    for (String command : new String[] {"stage", "activate", "undo", "retire"}) {
      CommandRun run = ca(command);
      assertThat(run.exit()).isEqualTo(1);
      assertThat(run.err()).contains("is your own CA", "replace the files").hasLineCount(1);
    }
    assertThat(ca("show").exit()).isZero();
  }

  @Test
  void rotateNamesTheCommandsThatReplaceIt() throws Exception {
    Configs.makeAuthority(config);
    X509Certificate first = signing();
    CommandRun run = ca("rotate", "--listener", "alarms");
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.err()).contains("tls-uplift ca stage", "tls-uplift ca activate").hasLineCount(1);
    assertThat(signing()).isEqualTo(first);
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
    Configs.makeAuthority(config);
    Path main = directory.resolve("data/ca/ca.crt.pem");
    X509Certificate before = read(main);
    assertThat(CommandRun.of("ca", "show", "-c", config).out())
        .contains("signs        for the listener alarms alone", "created at the first start");

    assertThat(ca("stage", "--listener", "alarms").err())
        .contains("listeners/alarms/ca.crt.pem does not exist");
    Configs.makeAuthorities(config);
    CommandRun staged = ca("stage", "--listener", "alarms");

    assertThat(staged.exit()).isZero();
    assertThat(staged.out())
        .contains("for the listener alarms alone with an RSA-1024 key", "export --listener alarms")
        .contains("tls-uplift-staged-ca-alarms.pem", "ca activate --listener alarms");
    assertThat(ca("activate", "--listener", "alarms").exit()).isZero();
    assertThat(ca("retire", "--listener", "alarms").exit()).isZero();
    X509Certificate own = read(directory.resolve("data/listeners/alarms/ca.crt.pem"));
    assertThat(read(main)).isEqualTo(before);
    assertThat(own.getSigAlgName()).isEqualTo("SHA1withRSA");

    assertThat(CommandRun.of("ca", "show", "-c", config, "--listener", "alarms").out())
        .contains("RSA-1024, signed with SHA1withRSA", Fingerprint.sha256(own))
        .contains("permits      any name")
        .doesNotContain(Fingerprint.sha256(before));
    assertThat(CommandRun.of("ca", "show", "-c", config).out())
        .contains(Fingerprint.sha256(before), Fingerprint.sha256(own));

    String here = directory.toString();
    assertThat(CommandRun.of("ca", "export", "-c", config, "-t", here).out())
        .contains("the listener alarms has its own CA: tls-uplift ca export --listener alarms");
    assertThat(CommandRun.of("ca", "export", "-c", config, "-t", here, "-l", "alarms").exit())
        .isZero();
    assertThat(read(directory.resolve("tls-uplift-ca.pem"))).isEqualTo(before);
    assertThat(read(directory.resolve("tls-uplift-ca-alarms.pem"))).isEqualTo(own);
  }

  @Test
  void refusesAListenerWithoutAnAuthorityOfItsOwn() throws Exception {
    assertThat(CommandRun.of("ca", "show", "-c", config, "-l", "web").err())
        .contains("'web' has no CA of its own; no listener of this configuration has a");
    withListenerAuthority();
    CommandRun run = CommandRun.of("ca", "stage", "-c", config, "-l", "web");
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.err()).contains("'web' has no CA of its own; these have: alarms");
  }

  private static X509Certificate read(Path file) throws Exception {
    try (InputStream content = Files.newInputStream(file)) {
      CertificateFactory factory = CertificateFactory.getInstance("X.509");
      return (X509Certificate) factory.generateCertificates(content).iterator().next();
    }
  }

  @Test
  void recordsEachChangeForTheAuditLog() throws Exception {
    Configs.makeAuthority(config);
    for (String command : List.of("stage", "activate", "undo", "activate", "retire")) {
      assertThat(ca(command).exit()).as(command).isZero();
    }
    assertThat(ca("undo").exit()).as("changes nothing").isEqualTo(1);
    List<AuditRecord> records = new ArrayList<>();
    new AuditJournal(directory.resolve("data")).drain(records::addAll);
    assertThat(records)
        .extracting(AuditRecord::action)
        .containsExactly("ca.stage", "ca.activate", "ca.undo", "ca.activate", "ca.retire");
    assertThat(records)
        .allMatch(each -> each.who().startsWith(System.getProperty("user.name")))
        .allMatch(each -> each.via() == AuditRecord.Via.COMMAND);
    assertThat(records.get(1).after())
        .isEqualTo("signs now SHA-256 " + Fingerprint.sha256(signing()));
  }

  @Test
  void warnsIfAChangeIsMissingInTheAuditLog() throws Exception {
    Configs.makeAuthority(config);
    Files.createDirectory(directory.resolve("data/audit.journal"));
    CommandRun run = ca("stage");
    assertThat(run.exit()).isZero();
    assertThat(run.err())
        .startsWith("warning: the change is made, but it is missing in the audit log: ")
        .contains("audit.journal cannot be written");
  }
}
