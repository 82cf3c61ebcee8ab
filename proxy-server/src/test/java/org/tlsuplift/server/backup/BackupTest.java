package org.tlsuplift.server.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.server.command.CommandRun;
import org.tlsuplift.server.command.Configs;
import org.tlsuplift.server.init.ApplicationCertificate;
import org.tlsuplift.server.process.DataDirectory;
import org.tlsuplift.server.process.DataDirectoryLock;
import org.tlsuplift.server.process.LockFile;
import org.tlsuplift.server.process.OpenedResources;
import org.tlsuplift.server.process.PemFile;
import org.tlsuplift.server.process.PrivateDirectory;
import org.tlsuplift.server.process.UnfinishedRestore;
import org.tlsuplift.server.testing.platform.AppRegistration;
import org.tlsuplift.server.testing.platform.IdentityPlatform;

/** A backup comes back whole, or not at all. */
class BackupTest {
  private static final char[] PASSPHRASE = "correct horse battery staple".toCharArray();
  private static final Decryption OPEN = Decryption.byPassphrase(PASSPHRASE);

  @TempDir private Path folder;
  private DataFolder source;
  private Path backup;

  @BeforeEach
  void backUp() throws Exception {
    source = DataFolder.create(Files.createDirectory(folder.resolve("old")));
    Files.setLastModifiedTime(
        source.data().resolve("ca/staged/ca.crt.pem"),
        FileTime.from(Instant.parse("2026-03-01T10:00:00Z")));
    backup =
        source.backup(
            folder.resolve("backup.pgp"),
            Encryption.byPassphrase(PASSPHRASE.clone(), DataFolder.LITTLE_WORK));
  }

  private static void silent(String line) {}

  private Path target() {
    return folder.resolve("new").resolve("data");
  }

  private Restore.Choices to(Path directory) {
    return new Restore.Choices(directory, null, false, false, null, false);
  }

  private void assertRefused(Decryption with, Restore.Choices choices, String reason) {
    assertThatExceptionOfType(OperatorException.class)
        .isThrownBy(() -> Restore.check(backup, with).run(choices, BackupTest::silent))
        .withMessageContaining(reason);
  }

  private static void assertEmpty(Path directory) throws IOException {
    if (Files.exists(directory)) {
      assertThat(DataFolder.files(directory).keySet()).containsExactly("");
    }
  }

  @Test
  void everythingComesBackForItsOwnerOnly() throws Exception {
    Restore.check(backup, OPEN).run(to(target()), BackupTest::silent);

    Map<String, String> restored = DataFolder.files(target());
    Map<String, String> expected = DataFolder.files(source.data());
    expected.keySet().removeIf(name -> name.endsWith(".new") || name.endsWith(".lock"));
    assertThat(restored.keySet())
        .containsAll(
            List.of("ca/ca.key.pem", "ca/staged/ca.key.pem", "sign-in/a1b2.tokens", "inventory.db"))
        .isEqualTo(expected.keySet());
    assertThat(restored)
        .allSatisfy(
            (name, modeAndContent) ->
                assertThat(modeAndContent)
                    .as(name)
                    .startsWith(
                        Files.isDirectory(target().resolve(name)) ? "rwx------ " : "rw------- "));
    Stream.of("ca/ca.key.pem", "ca/ca.crt.pem", "ca/staged/ca.crt.pem", "sign-in/a1b2.tokens")
        .forEach(
            name ->
                assertThat(target().resolve(name))
                    .hasSameBinaryContentAs(source.data().resolve(name)));
    assertThat(Files.getLastModifiedTime(target().resolve("ca/staged/ca.crt.pem")).toInstant())
        .as("'ca show' tells since when a CA is staged")
        .isEqualTo(Instant.parse("2026-03-01T10:00:00Z"));
  }

  @Test
  void waitsForARenewalSoThatItHoldsNoHalfOfAStep() throws Exception {
    Path key = source.data().resolve("sign-in/contoso.com.application.key.pem");
    Path certificate = source.data().resolve("sign-in/contoso.com.application.crt.pem");
    // Their locks are of this process, too.
    new PrivateDirectory(source.data().resolve("ca")).close();
    FutureTask<BackupContents> collected = new FutureTask<>(source::collect);
    Thread command = new Thread(collected);
    var unused =
        new LockFile(key.resolveSibling(LockFile.APPLICATION))
            .<Path, RuntimeException>exclusively(
                () -> {
                  Files.writeString(key, "new");
                  command.start();
                  await()
                      .until(
                          () ->
                              collected.isDone()
                                  || Stream.of(command.getStackTrace())
                                      .anyMatch(
                                          each ->
                                              each.getClassName()
                                                  .equals(ReentrantLock.class.getName())));
                  return Files.writeString(certificate, "new");
                });
    try (BackupContents contents = collected.get(30, TimeUnit.SECONDS)) {
      assertThat(contents.items().stream().map(BackupContents.Item::name))
          .contains(
              "data/sign-in/contoso.com.application.key.pem",
              "data/sign-in/contoso.com.application.crt.pem");
    }
  }

  /** Its key was removed from the tenant since, or the network does not respond. */
  @Test
  void restoreComparesTheCertificateOfTheApplicationWithTheTenant() throws Exception {
    Path site = Files.createDirectory(folder.resolve("site"));
    Path data = site.resolve("data");
    try (IdentityPlatform platform = IdentityPlatform.start()) {
      AppRegistration application = platform.register();
      String tenant = platform.tenant();
      assertThat(
              CommandRun.of(
                  "tenant",
                  "setup",
                  "--yes",
                  "--tenant",
                  tenant,
                  "--data",
                  data.toString(),
                  "--output",
                  site.toString()))
          .extracting(CommandRun::exit)
          .isEqualTo(0);
      ApplicationCertificate files = ApplicationCertificate.of(data, tenant);
      Path config =
          Path.of(
              Configs.write(
                  site,
                  "upstream: {trust: '%s'}".formatted(platform.certificateFile()),
                  "signIn:",
                  "  tenant: '%s'".formatted(tenant),
                  "  applicationId: '%s'".formatted(application.id()),
                  "  authority: '%s'".formatted(platform.url()),
                  "  accounts: [{devices: [192.0.2.0/28], mailbox: scanner@corp.example}]",
                  "  certificate: {certificate: '%s', key: '%s'}"
                      .formatted(files.certificate(), files.key())));
      Path old =
          new DataFolder(config, data)
              .backup(
                  folder.resolve("site.pgp"),
                  Encryption.byPassphrase(PASSPHRASE.clone(), DataFolder.LITTLE_WORK));

      CommandRun unknown = restore(old, "unknown");
      assertThat(unknown.exit()).as(unknown.toString()).isZero();
      assertThat(unknown.out())
          .contains(
              "run 'tls-uplift tenant setup --new-certificate --tenant " + tenant + " --config ",
              "the tenant does not know the restored certificate");

      application.add(PemFile.read(files.certificate()).certificates().get(0));
      CommandRun known = restore(old, "known");
      assertThat(known.out())
          .contains("tenant " + tenant + " accepts the restored certificate")
          .doesNotContain("--new-certificate");
      assertThat(folder.resolve("known")).isDirectoryNotContaining("glob:**/check-*");
      assertThat(folder.resolve("known/sign-in")).isDirectoryNotContaining("glob:**/*.tokens");

      platform.close();
      CommandRun away = restore(old, "away");
      assertThat(away.exit()).isZero();
      assertThat(away.out())
          .contains("run 'tls-uplift tenant check --config ", "could not be compared")
          .doesNotContain("--new-certificate", "does not know");
      Files.delete(config);
      assertThat(restore(old, "elsewhere").out())
          .as("the configuration is not here")
          .contains("run 'tls-uplift tenant check --config ", "no such file");
    }
  }

  private CommandRun restore(Path old, String to) throws Exception {
    return CommandRun.of(
        "restore",
        old.toString(),
        "--passphrase-file",
        DataFolder.privately(folder.resolve("passphrase"), new String(PASSPHRASE) + "\n")
            .toString(),
        "--data-directory",
        folder.resolve(to).toString());
  }

  @Test
  void theBackupItselfIsForItsOwnerOnlyAndHasNoReadableSecret() throws Exception {
    assertThat(DataFolder.mode(backup)).isEqualTo("rw-------");
    assertThat(new String(Files.readAllBytes(backup), StandardCharsets.ISO_8859_1))
        .doesNotContain("PRIVATE KEY", "ca.key.pem", "MANIFEST", "Bearer");
    try (Stream<Path> left = Files.list(source.data())) {
      assertThat(left.map(file -> file.getFileName().toString()))
          .noneMatch(name -> name.startsWith("backup-"));
    }
  }

  @Test
  void anExistingFileIsNotOverwritten() {
    assertThatExceptionOfType(OperatorException.class)
        .isThrownBy(
            () ->
                source.backup(
                    backup, Encryption.byPassphrase(PASSPHRASE.clone(), DataFolder.LITTLE_WORK)))
        .withMessageContaining("exists; a backup never overwrites a file");
    assertThat(backup.toAbsolutePath().getParent())
        .isDirectoryNotContaining("glob:**/backup.pgp.*");
  }

  @Test
  void replacesTheUnfinishedFileOfAKilledBackup() throws Exception {
    Path next = backup.resolveSibling("next.pgp");
    Files.writeString(next.resolveSibling("next.pgp.new"), "half of a backup");
    source.backup(next, Encryption.byPassphrase(PASSPHRASE.clone(), DataFolder.LITTLE_WORK));
    assertThat(next).isNotEmptyFile();
  }

  @Test
  void aWrongPassphraseWritesNothing() throws Exception {
    assertRefused(
        Decryption.byPassphrase("correct horse battery stable".toCharArray()),
        to(target()),
        "the passphrase or the key is wrong");
    assertEmpty(target());
  }

  @Test
  void aBackupThatIsCutAnywhereWritesNothing() throws Exception {
    byte[] whole = Files.readAllBytes(backup);
    List<Integer> lengths = new ArrayList<>(List.of(0, 1, 20, whole.length - 1));
    for (int i = 1; i < 15; i++) {
      lengths.add(whole.length / 15 * i);
    }
    lengths.add(whole.length - 22);
    for (int length : lengths) {
      byte[] cut = new byte[length];
      System.arraycopy(whole, 0, cut, 0, length);
      Files.write(backup, cut);

      assertThatExceptionOfType(OperatorException.class)
          .as("%d of %d bytes", length, whole.length)
          .isThrownBy(() -> Restore.check(backup, OPEN));
    }
  }

  @Test
  void aBackupThatIsDamagedAnywhereWritesNothing() throws Exception {
    byte[] whole = Files.readAllBytes(backup);
    Random random = new Random(5);
    for (int i = 0; i < 40; i++) {
      byte[] damaged = whole.clone();
      damaged[i < 10 ? 30 + i * 3 : 30 + random.nextInt(whole.length - 30)] ^= 0x10;
      Files.write(backup, damaged);

      assertThatExceptionOfType(OperatorException.class)
          .isThrownBy(() -> Restore.check(backup, OPEN));
    }
  }

  @Test
  void aForeignFileIsRefusedByName() throws Exception {
    Files.writeString(backup, "PK\u0003\u0004 not a backup at all");
    assertRefused(OPEN, to(target()), "not an encrypted backup of TLS Uplift");
    Files.write(backup, new byte[0]);
    assertRefused(OPEN, to(target()), "not an encrypted backup of TLS Uplift");
    Files.delete(backup);
    assertRefused(OPEN, to(target()), "cannot be read");
    assertEmpty(target());
  }

  @Test
  void aDirectoryWithContentIsReplacedByForceOnlyAndKept() throws Exception {
    Files.createDirectories(target().resolve("sign-in"));
    Files.writeString(target().resolve("sign-in/old.tokens"), "old");

    assertRefused(OPEN, to(target()), "is not empty; nothing was written");
    assertThat(target().resolve("sign-in/old.tokens")).hasContent("old");
    assertThat(target().resolve("ca")).doesNotExist();

    List<String> lines = new ArrayList<>();
    Restore.check(backup, OPEN)
        .run(new Restore.Choices(target(), null, true, false, null, false), lines::add);
    assertThat(target().resolve("sign-in/old.tokens")).doesNotExist();
    assertThat(target().resolve("sign-in/a1b2.tokens")).exists();
    assertThat(String.join("\n", lines)).contains("kept what was there in");
    try (Stream<Path> all = Files.walk(target())) {
      assertThat(all.filter(file -> file.endsWith("sign-in/old.tokens"))).hasSize(1);
    }
  }

  @Test
  void aNewerCaIsReplacedOnRequestOnly() throws Exception {
    Path other = Files.createDirectory(folder.resolve("other"));
    Configs.makeAuthority(Configs.write(other));
    Path data = other.resolve("data");
    byte[] newer = Files.readAllBytes(data.resolve("ca/ca.crt.pem"));

    assertRefused(
        OPEN,
        new Restore.Choices(data, null, true, false, null, false),
        "is another CA, and not older than that of the backup; nothing was written");
    assertThat(data.resolve("ca/ca.crt.pem")).hasBinaryContent(newer);

    Restore.check(backup, OPEN)
        .run(new Restore.Choices(data, null, true, true, null, false), BackupTest::silent);
    assertThat(data.resolve("ca/ca.crt.pem"))
        .hasSameBinaryContentAs(source.data().resolve("ca/ca.crt.pem"));
  }

  @Test
  void aDirectoryThatADaemonUsesIsRefused() throws Exception {
    Files.createDirectories(target());
    try (DataDirectoryLock daemon = DataDirectoryLock.ofDaemon(target()).orElseThrow()) {
      assertThat(daemon.isOpen()).isTrue();
      assertRefused(
          OPEN,
          new Restore.Choices(target(), null, true, true, null, false),
          "a daemon uses " + target());
    }
    assertEmpty(target());
    Restore.check(backup, OPEN).run(to(target()), BackupTest::silent);
    assertThat(target().resolve("ca")).exists();
  }

  @Test
  void keepsTheOldPartsAlsoIfTheirNameIsTaken() throws Exception {
    Path there = Files.createDirectories(target().resolve("ca"));
    Files.writeString(there.resolve("mine"), "the only copy");
    DateTimeFormatter stamp =
        DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss").withZone(ZoneOffset.UTC);
    for (int second = 0; second < 120; second++) {
      Files.createDirectories(
          target()
              .resolve("before-restore-" + stamp.format(Instant.now().plusSeconds(second)))
              .resolve("taken"));
    }
    List<String> lines = new ArrayList<>();
    Restore.check(backup, OPEN)
        .run(new Restore.Choices(target(), null, true, true, null, false), lines::add);

    String kept = lines.stream().filter(line -> line.startsWith("kept")).findFirst().orElseThrow();
    Path old = Path.of(kept.replaceAll("kept what was there in (.*); it has.*", "$1"));
    assertThat(old.resolve("ca/mine")).hasContent("the only copy");
  }

  @Test
  void noDaemonUsesWhatAKilledRestoreLeft() throws Exception {
    Path data = Files.createDirectories(target());
    UnfinishedRestore.begin(data, Path.of("/var/lib/old"));
    try (OpenedResources opened = new OpenedResources()) {
      assertThatExceptionOfType(OperatorException.class)
          .isThrownBy(() -> DataDirectory.use(data, opened))
          .withMessage(
              "restore again with --force: an earlier restore to '%s' did not end; what was there before is in '/var/lib/old'"
                  .formatted(data));
    }
    List<String> lines = new ArrayList<>();
    Restore.check(backup, OPEN)
        .run(new Restore.Choices(data, null, true, false, null, false), lines::add);
    assertThat(lines).anyMatch(line -> line.startsWith("an earlier restore to "));
    try (OpenedResources opened = new OpenedResources()) {
      DataDirectory.use(data, opened);
    }
  }

  @Test
  void theConfigurationAndItsSecretsAreWrittenOnRequestOnly() throws Exception {
    List<String> lines = new ArrayList<>();
    Restore.check(backup, OPEN).run(to(target()), lines::add);
    assertThat(String.join("\n", lines))
        .contains("3 files", "--files-to /")
        .endsWith(
            "set 'dataDirectory: "
                + target()
                + "' in the configuration: the backup is of "
                + source.data());

    Path root = folder.resolve("root");
    Restore.check(backup, OPEN)
        .run(
            new Restore.Choices(folder.resolve("third"), root, false, false, null, false),
            BackupTest::silent);
    for (String name : List.of("test.yaml", "otlp.headers", "names.csv")) {
      Path original = source.config().resolveSibling(name);
      Path restored = root.resolve(original.toString().substring(1));
      assertThat(restored).hasSameBinaryContentAs(original);
      assertThat(DataFolder.mode(restored)).isEqualTo("rw-------");
    }
    assertRefused(
        OPEN,
        new Restore.Choices(folder.resolve("fourth"), root, false, false, null, false),
        "exists; nothing was written");
    assertThat(folder.resolve("fourth/ca")).doesNotExist();
  }

  @Test
  void lastVersionOfSharedAccountsComesBackWithThem() throws Exception {
    Path shared = Files.createDirectory(folder.resolve("shared"));
    Path accounts = DataFolder.privately(shared.resolve("accounts.yaml"), "accounts: []\n");
    Path version =
        DataFolder.privately(shared.resolve("accounts.yaml.shared"), "7 " + "0".repeat(64));
    Path key = Files.write(folder.resolve("tokens.key"), new byte[32]);
    Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-------"));
    Path password = DataFolder.privately(folder.resolve("pg"), "secret\n");
    String config =
        Configs.write(
            shared,
            "database: {url: 'jdbc:postgresql://db.example/uplift', user: u, passwordFile: '%s', keyFile: '%s'}"
                .formatted(password, key),
            "signIn: {tenant: a.example, applicationId: 11111111-2222-3333-4444-555555555555, flow: device-code, accountsFile: '%s', shareAccounts: true}"
                .formatted(accounts));
    Configs.makeAuthority(config);
    Path file =
        new DataFolder(Path.of(config), shared.resolve("data"))
            .backup(
                folder.resolve("shared.pgp"),
                Encryption.byPassphrase(PASSPHRASE.clone(), DataFolder.LITTLE_WORK));
    Path root = folder.resolve("root");
    Restore.check(file, OPEN)
        .run(
            new Restore.Choices(folder.resolve("third"), root, false, false, null, false),
            BackupTest::silent);
    for (Path original : List.of(accounts, version)) {
      Path restored = root.resolve(original.toString().substring(1));
      assertThat(restored).hasSameBinaryContentAs(original);
      assertThat(DataFolder.mode(restored)).isEqualTo("rw-------");
    }
  }

  @Test
  void omitsPostgresqlAndNamesPgDump() throws Exception {
    Path secret = Files.writeString(folder.resolve("pg"), "secret\n");
    Path key = Files.write(folder.resolve("tokens.key"), new byte[32]);
    Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-------"));
    Path other = Files.createDirectory(folder.resolve("pgfolder"));
    String config =
        Configs.write(
            other,
            "database: {url: 'jdbc:postgresql://db.example/uplift?sslpassword=s3cret', user: u, passwordFile: '%s', keyFile: '%s'}"
                .formatted(secret, key));
    Configs.makeAuthority(config);
    Path file = folder.resolve("passphrase");
    Files.writeString(file, new String(PASSPHRASE));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));

    CommandRun run =
        CommandRun.of(
            "backup",
            folder.resolve("pg.backup").toString(),
            "--config",
            config,
            "--passphrase-file",
            file.toString());

    assertThat(run.exit()).as(run.toString()).isZero();
    assertThat(run.out())
        .contains(
            "save it with pg_dump", "save them with pg_dump", "postgresql://db.example/uplift");
    assertThat(run.toString()).doesNotContain("s3cret");
    CommandRun list =
        CommandRun.of(
            "restore",
            folder.resolve("pg.backup").toString(),
            "--list",
            "--passphrase-file",
            file.toString());
    assertThat(list.out())
        .contains("data/ca/ca.key.pem", "tokens.key")
        .doesNotContain("inventory.db");
  }

  /** A restored copy would be sent again. */
  @Test
  void omitsWaitingMailAndNotesIt() throws Exception {
    Path mail = Files.writeString(source.data().resolve("spool.db"), "mail");
    Path key = Files.writeString(source.data().resolve("spool.key"), "key");
    Path other = folder.resolve("with-mail.pgp");
    Path file = DataFolder.privately(folder.resolve("words"), new String(PASSPHRASE));

    CommandRun run =
        CommandRun.of(
            "backup",
            other.toString(),
            "--config",
            source.config().toString(),
            "--passphrase-file",
            file.toString());

    assertThat(run.exit()).as(run.toString()).isZero();
    assertThat(run.out()).contains("note: waiting messages are left out; ");
    Restore.check(other, OPEN)
        .run(new Restore.Choices(source.data(), null, true, true, null, false), BackupTest::silent);
    assertThat(DataFolder.files(source.data()).keySet())
        .as("neither in the backup, nor moved aside by the restore")
        .filteredOn(name -> name.contains("spool"))
        .containsExactlyInAnyOrder("spool.db", "spool.key");
    assertThat(mail).hasContent("mail");
    assertThat(key).hasContent("key");
  }
}
