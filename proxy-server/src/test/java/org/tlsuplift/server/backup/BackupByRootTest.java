package org.tlsuplift.server.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlsuplift.proxy.outcome.OperatorException;

/** Root's commands in directories of the daemon's user, who may want more than that. */
class BackupByRootTest {
  private static final int DAEMON = 12_345;
  private static final char[] PASSPHRASE = "correct horse battery".toCharArray();

  @TempDir Path folder;
  private DataFolder source;

  @BeforeEach
  void makeDataOfTheDaemon() throws Exception {
    assumeTrue(Files.getAttribute(folder, "unix:uid").equals(0), "needs root");
    source = DataFolder.create(folder);
    giveAll(source.data());
  }

  private static void giveAll(Path directory) throws IOException {
    try (Stream<Path> all = Files.walk(directory)) {
      for (Path each : all.toList()) {
        Files.setAttribute(each, "unix:uid", DAEMON, LinkOption.NOFOLLOW_LINKS);
      }
    }
  }

  private Path backup() throws Exception {
    return source.backup(
        folder.resolve("backup.pgp"),
        Encryption.byPassphrase(PASSPHRASE.clone(), DataFolder.LITTLE_WORK));
  }

  private static List<Path> unfinished(Path directory) throws IOException {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries
          .filter(each -> each.getFileName().toString().matches(".*(backup|restore)-.*\\.new"))
          .toList();
    }
  }

  @Test
  void backupReadsNoFileOfAnotherUser() throws Exception {
    Path secret = Files.writeString(folder.resolve("shadow"), "secret");
    Path certificate = source.data().resolve("ca/ca.crt.pem");
    for (boolean hard : List.of(false, true)) {
      Files.delete(certificate);
      var unused =
          hard
              ? Files.createLink(certificate, secret)
              : Files.createSymbolicLink(certificate, secret);
      assertThatExceptionOfType(OperatorException.class)
          .isThrownBy(source::collect)
          .withMessageContaining(
              certificate + ": it is a link to a file of another user; delete the link");
    }
  }

  @Test
  void backupReadsNoDatabaseOfAnotherUser() throws Exception {
    Path database = source.data().resolve(EntryName.INVENTORY);
    Path secret = Files.move(database, folder.resolve("secret.db"));
    Files.setAttribute(secret, "unix:uid", 0);
    Files.createSymbolicLink(database, secret);
    assertThatExceptionOfType(OperatorException.class)
        .isThrownBy(source::collect)
        .withMessageContaining(database + ": it is a link to a file of another user");
  }

  @Test
  void restoreIsOutOfReachOfAGroupToo() throws Exception {
    Files.setAttribute(source.data(), "unix:uid", 0);
    Files.setPosixFilePermissions(source.data(), PosixFilePermissions.fromString("rwxrwx---"));
    try (BackupContents contents = source.collect()) {
      assertThat(contents.items()).isNotEmpty();
      assertThat(unfinished(source.data())).isEmpty();
    }
  }

  @Test
  void restoreIsLeftToAUserWhoCanReplaceTheDirectory() throws Exception {
    Path backup = backup();
    Path home = Files.createDirectory(folder.resolve("home"));
    Path data = Files.createDirectory(home.resolve("data"));
    giveAll(home);
    assertThatExceptionOfType(OperatorException.class)
        .isThrownBy(
            () ->
                Restore.check(backup, Decryption.byPassphrase(PASSPHRASE.clone()))
                    .run(new Restore.Choices(data, null, false, false, null, false), line -> {}))
        .withMessageContaining("run the command as the daemon's user");
    assertThat(unfinished(folder)).isEmpty();
  }

  @Test
  void copiesAreOutsideTheDirectoriesOfTheDaemon() throws Exception {
    Path database = source.data().resolve(EntryName.INVENTORY);
    try (BackupContents contents = source.collect()) {
      assertThat(contents.items()).anyMatch(item -> item.name().endsWith(EntryName.INVENTORY));
      assertThat(unfinished(source.data())).isEmpty();
      assertThat(unfinished(folder)).hasSize(1);
    }
    assertThat(unfinished(folder)).isEmpty();
    assertThat(database).exists();
  }

  @Test
  void restoreLeavesAllFilesToTheDaemon() throws Exception {
    Path backup = backup();
    List<Path> seen = new ArrayList<>();
    Restore.check(backup, Decryption.byPassphrase(PASSPHRASE.clone()))
        .run(
            new Restore.Choices(source.data(), folder.resolve("root"), true, false, null, false),
            line -> {
              try {
                seen.addAll(unfinished(source.data()));
              } catch (IOException failed) {
                throw new AssertionError(failed);
              }
            });
    assertThat(seen).as("what the daemon's user could replace by a link").isEmpty();
    assertThat(unfinished(folder)).isEmpty();
    try (Stream<Path> all = Files.walk(source.data())) {
      assertThat(all)
          .anyMatch(file -> file.toString().contains("before-restore-"))
          .allSatisfy(
              file ->
                  assertThat(Files.getAttribute(file, "unix:uid", LinkOption.NOFOLLOW_LINKS))
                      .as(file.toString())
                      .isEqualTo(DAEMON));
    }
  }
}
