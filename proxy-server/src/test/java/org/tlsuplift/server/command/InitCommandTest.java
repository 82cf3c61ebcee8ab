package org.tlsuplift.server.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlsuplift.server.config.ConfigLoader;

/** The command {@code init}, without a terminal. */
class InitCommandTest {
  @TempDir Path directory;
  private Path config = Path.of("");

  @BeforeEach
  void nameTheFile() {
    config = directory.resolve("etc/tls-uplift.yaml");
  }

  @Test
  void writesAWorkingConfigurationAndShowsTheNextSteps() throws Exception {
    CommandRun run = init("--names", "uplift.corp.example,192.168.1.5", "--ways", "scan-to-mail");

    assertThat(run.exit()).as(run.err()).isZero();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(config)))
        .isEqualTo("rw-r-----");
    Path data = config.resolveSibling("data");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(data)))
        .isEqualTo("rwx------");
    for (String form : new String[] {"pem", "cer", "p7b"}) {
      assertThat(config.resolveSibling("tls-uplift-ca." + form)).isNotEmptyFile();
    }
    CommandRun shown = CommandRun.of("ca", "show", "--names", "-c", config.toString());
    assertThat(shown.out()).contains("uplift.corp.example", "192.168.1.5/32");
    String fingerprint =
        shown.out().lines().filter(line -> line.startsWith("SHA-256")).findFirst().orElseThrow();
    assertThat(run.out())
        .contains(fingerprint.substring("SHA-256".length()).strip())
        .contains("tls-uplift run --config " + config)
        .contains("Mail server (SMTP), encryption STARTTLS: server uplift.corp.example, port 2587")
        .contains("Mail server (SMTP), encryption SSL/TLS: server uplift.corp.example, port 2465")
        .contains("If the device cannot resolve uplift.corp.example, enter 192.168.1.5")
        .doesNotContain("warning");
    CommandRun check = CommandRun.of("check", "-c", config.toString());
    assertThat(check.exit()).as(check.err()).isZero();
    assertThat(check.out()).doesNotContain("warning");
  }

  @Test
  void printsThePasswordOfANewUserOnce() throws Exception {
    CommandRun run = init("--admin-user", "boss");

    assertThat(run.exit()).as(run.err()).isZero();
    Matcher printed =
        Pattern.compile("user boss, password ([a-z2-9]{16}): it is not shown again")
            .matcher(run.out());
    assertThat(printed.find()).as(run.out()).isTrue();
    assertThat(run.out()).contains("http://127.0.0.1:9464/connect");
    assertThat(Files.readString(config)).doesNotContain(printed.group(1));
    assertThat(
            ConfigLoader.load(config)
                .config()
                .admin()
                .users()
                .get(0)
                .passwordHash()
                .matches(printed.group(1).toCharArray()))
        .isTrue();
  }

  /** Antique listeners need a process of their own: see {@code InitIT}. */
  @Test
  void checkAcceptsAllListenersTogether() {
    CommandRun run =
        init(
            "--ways",
            "proxy,https,scan-to-mail,mailboxes,sign-in,direct-send,socks,transparent",
            "--flow",
            "device-code");
    assertThat(run.exit()).as(run.err()).isZero();
    assertThat(run.out())
        .contains("tls-uplift accounts add", "tls-uplift accounts sign-in")
        .contains("SPF record of your domain", "tls-uplift manual direct-send")
        .contains("without user and password")
        .doesNotContain("also leads to");
    CommandRun check = CommandRun.of("check", "-c", config.toString());
    assertThat(check.exit()).as(check.err()).isZero();
  }

  /** As the manual's page sign-in shows it. */
  @Test
  void signsInAsTheApplicationUnlessTheFlowIsGiven() throws Exception {
    Path secret = Files.writeString(directory.resolve("client.secret"), "secret\n");
    Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));

    CommandRun run = init("--ways", "sign-in", "--client-secret-file", secret.toString());

    assertThat(run.exit()).as(run.err()).isZero();
    assertThat(run.out())
        .contains("tls-uplift accounts add")
        .doesNotContain("tls-uplift accounts sign-in");
    assertThat(Files.readString(config))
        .containsPattern("(?m)^  flow: application ")
        .containsPattern("(?m)^  clientSecretFile: .*client\\.secret");
    CommandRun check = CommandRun.of("check", "-c", config.toString());
    assertThat(check.exit()).as(check.err()).isZero();
  }

  @Test
  void writesAConfigurationBeforeTheApplicationIsRegistered() throws Exception {
    CommandRun run = pending("sign-in", "contoso.onmicrosoft.com");

    assertThat(run.exit()).as(run.err()).isZero();
    assertThat(run.out())
        .contains("tls-uplift tenant setup --yes --tenant contoso.onmicrosoft.com --mailboxes")
        .contains("Set the application ID");
    assertThat(config).content().containsPattern("(?m)^  certificate:").doesNotContain("cloud:");
    CommandRun check = CommandRun.of("check", "-c", config.toString());
    assertThat(check.exit()).as(check.err()).isZero();
  }

  /** Otherwise the scripts would sign in at the worldwide cloud. */
  @Test
  void printsTheCloudOfTheTenantWithTheNextCommand() {
    CommandRun run = pending("sign-in", "contoso.onmicrosoft.us", "--cloud", "gcc-high");

    assertThat(run.exit()).as(run.err()).isZero();
    assertThat(run.out())
        .contains(
            "tenant setup --yes --tenant contoso.onmicrosoft.us --cloud gcc-high --mailboxes");
    assertThat(config)
        .content()
        .contains("smtp.office365.us:587")
        .doesNotContain("office365.com")
        .containsOnlyOnce("cloud: gcc-high");
  }

  @Test
  void overwritesNothingWithoutForceAndKeepsACopyWithIt() throws Exception {
    assertThat(init("--ways", "proxy").exit()).isZero();
    byte[] first = Files.readAllBytes(config);
    byte[] authority = Files.readAllBytes(config.resolveSibling("data/ca/ca.crt.pem"));

    CommandRun refused = init("--ways", "socks");
    assertThat(refused.exit()).isEqualTo(2);
    assertThat(refused.err())
        .contains("--config: got '" + config.toString().substring(0, 20), "--force");
    assertThat(Files.readAllBytes(config)).isEqualTo(first);

    CommandRun forced = init("--ways", "socks", "--force");
    assertThat(forced.exit()).as(forced.err()).isZero();
    assertThat(forced.out()).contains("which existed already", "It permits the names");
    try (Stream<Path> files = Files.list(config.getParent())) {
      Path kept =
          files
              .filter(file -> file.getFileName().toString().startsWith("tls-uplift.yaml."))
              .findFirst()
              .orElseThrow();
      assertThat(Files.readAllBytes(kept)).isEqualTo(first);
    }
    assertThat(Files.readAllBytes(config.resolveSibling("data/ca/ca.crt.pem")))
        .isEqualTo(authority);
  }

  @Test
  void namesHostsThatAnExistingCaDoesNotPermit() {
    init("--ways", "https", "--names", "one.corp.example");

    CommandRun run = init("--ways", "https", "--names", "two.corp.example", "--force");

    assertThat(run.exit()).isZero();
    assertThat(run.out())
        .contains("which existed already", "two.corp.example")
        .containsPattern("warning: .*two\\.corp\\.example")
        .doesNotContain("It permits the names");
  }

  @Test
  void writesNothingIfAnOptionIsWrong() {
    CommandRun run =
        CommandRun.of("init", "--yes", "--config", config.toString(), "--ways", "sign-in");

    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.err()).contains("--tenant: got nothing; expected", "tls-uplift init --help");
    assertThat(config.getParent()).doesNotExist();
  }

  /** A key that no configuration names would stay on the disk. */
  @Test
  void makesNoKeyIfALaterOptionIsMissing() {
    CommandRun run = pending("sign-in,direct-send", "contoso.com");

    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.err()).contains("--mx-host: got nothing; expected");
    assertThat(config.getParent()).doesNotExist();
  }

  @Test
  void leavesNoNewKeyIfTheConfigurationCannotBeWritten() throws Exception {
    Path obstacle = config.resolveSibling(config.getFileName() + ".new");
    Files.createDirectories(obstacle.resolve("in the way"));
    Path keys = config.resolveSibling("data/sign-in");

    CommandRun run = pending("sign-in", "contoso.com");

    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.err()).contains("--config: got a file that cannot be written");
    assertThat(config).doesNotExist();
    assertThat(keys).isDirectoryNotContaining("glob:**.pem");

    Files.delete(obstacle.resolve("in the way"));
    assertThat(pending("sign-in", "contoso.com").exit()).isZero();
    Path key = keys.resolve("contoso.com.application.key.pem");
    byte[] first = Files.readAllBytes(key);
    Files.createDirectories(obstacle.resolve("in the way"));
    Files.delete(config);
    assertThat(pending("sign-in", "contoso.com").exit()).isEqualTo(1);
    assertThat(key).as("the administrator may have its script").hasBinaryContent(first);
  }

  @Test
  void namesTheFileThatCannotBeWritten() throws Exception {
    Path file = Files.createFile(directory.resolve("file"));

    CommandRun run =
        CommandRun.of("init", "--yes", "--names", "a", "--config", file.resolve("x").toString());

    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.err().lines())
        .hasSize(2)
        .first(InstanceOfAssertFactories.STRING)
        .contains("--config: ", "cannot be written", file + " is a file");
  }

  private CommandRun init(String... options) {
    List<String> command = new ArrayList<>(List.of("init", "--yes", "--config", config.toString()));
    command.addAll(
        List.of(
            "--tenant",
            "contoso.com",
            "--application-id",
            "11111111-2222-3333-4444-555555555555",
            "--mx-host",
            "contoso-com.mail.protection.outlook.com",
            "--allowed-senders",
            "scanner@contoso.com",
            "--antique-devices",
            "10.1.2.0/28"));
    command.addAll(List.of(options));
    return CommandRun.of(command.toArray(String[]::new));
  }

  /** For an application that is not registered yet. */
  private CommandRun pending(String ways, String tenant, String... options) {
    List<String> command =
        new ArrayList<>(
            List.of(
                "init", "--yes", "--names", "uplift.corp.example", "--config", config.toString()));
    command.addAll(List.of("--ways", ways, "--tenant", tenant));
    command.addAll(List.of(options));
    return CommandRun.of(command.toArray(String[]::new));
  }
}
