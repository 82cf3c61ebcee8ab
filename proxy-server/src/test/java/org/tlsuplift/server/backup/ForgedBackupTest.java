package org.tlsuplift.server.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlsuplift.proxy.outcome.OperatorException;

/** Backups that this program did not make, with the right key. */
class ForgedBackupTest {
  private static final char[] PASSPHRASE = "correct horse battery staple".toCharArray();
  private static final String CONTENT = "content";

  @TempDir private Path folder;

  private record Entry(String name, String content) {}

  private Path forge(String manifest, List<Entry> entries) throws IOException {
    Path file = folder.resolve("forged.pgp");
    try (OutputStream out = Files.newOutputStream(file);
        ZipOutputStream zip =
            new ZipOutputStream(
                Encryption.byPassphrase(PASSPHRASE.clone(), DataFolder.LITTLE_WORK).open(out))) {
      for (Entry entry :
          Stream.concat(Stream.of(new Entry("MANIFEST", manifest)), entries.stream()).toList()) {
        zip.putNextEntry(new ZipEntry(entry.name()));
        zip.write(entry.content().getBytes(StandardCharsets.UTF_8));
      }
    }
    return file;
  }

  private Path forge(String... names) throws IOException {
    return forge(
        manifest(
            Arrays.stream(names)
                .map(name -> line(CONTENT, CONTENT.length(), name))
                .collect(Collectors.joining("\n"))),
        Arrays.stream(names).map(name -> new Entry(name, CONTENT)).toList());
  }

  private String manifest(String lines) {
    return """
        TLS Uplift backup, format 1
        created: 2026-11-27T10:00:00Z
        program: tls-uplift
        data-directory: %s
        configuration:\s

        %s
        """
        .formatted(folder.resolve("data"), lines);
  }

  private static String line(String content, long size, String name) {
    return sha256(content) + "  " + size + "  " + name;
  }

  private static String sha256(String content) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256")
                  .digest(content.getBytes(StandardCharsets.UTF_8)));
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private void assertRefused(Path backup, String reason) throws IOException {
    assertThatExceptionOfType(OperatorException.class)
        .isThrownBy(
            () ->
                Restore.check(backup, Decryption.byPassphrase(PASSPHRASE.clone()))
                    .run(
                        new Restore.Choices(
                            null, folder.resolve("root"), false, false, null, false),
                        line -> {}))
        .withMessageContaining(reason);
    try (Stream<Path> all = Files.list(folder)) {
      assertThat(all).containsExactly(backup);
    }
  }

  @Test
  void aGoodOneIsAccepted() throws Exception {
    Restore.check(forge("data/ca/ca.crt.pem"), Decryption.byPassphrase(PASSPHRASE.clone()))
        .run(choices(folder.resolve("root")), line -> {});

    assertThat(folder.resolve("data/ca/ca.crt.pem")).hasContent(CONTENT);
  }

  private static Restore.Choices choices(Path root) {
    return new Restore.Choices(null, root, false, false, null, false);
  }

  @Test
  void onlyFilesThatItsConfigurationNamesAreWritten() throws Exception {
    String yaml =
        """
        unknown: 7
        listeners: 7
        devices: {namesFile: /etc/uplift/names.csv}
        accessLog: {file: /etc/cron.d/log}
        dataDirectory: /etc/cron.d/data
        metrics: {otlp: {url: "http://127.0.0.1:4318/v1/metrics", headersFile: "../secrets/./otlp"}}
        signIn: {accountsFile: /etc/uplift/accounts.yaml}
        """;
    List<Entry> entries =
        List.of(
            new Entry("files/etc/uplift.yaml", yaml),
            new Entry("files/etc/uplift/names.csv", ""),
            new Entry("files/srv/secrets/otlp", "named by a path that is not absolute"),
            new Entry("files/etc/uplift/accounts.yaml", ""),
            new Entry("files/etc/cron.d/x", "* * * * * root true"),
            new Entry("files/etc/cron.d/log", "* * * * * root true"),
            new Entry("files/etc/cron.d/data", "* * * * * root true"),
            new Entry("files/srv/etc/uplift/names.csv", ""));
    Path backup =
        forge(
            manifest(
                    entries.stream()
                        .map(entry -> line(entry.content(), entry.content().length(), entry.name()))
                        .collect(Collectors.joining("\n")))
                .replace("configuration: ", "configuration: files/etc/uplift.yaml"),
            entries);
    Path root = folder.resolve("root");
    List<String> lines = new ArrayList<>();
    Restore.check(backup, Decryption.byPassphrase(PASSPHRASE.clone()))
        .run(choices(root), lines::add);

    try (Stream<Path> all = Files.walk(root)) {
      assertThat(all.filter(Files::isRegularFile).map(file -> root.relativize(file).toString()))
          .containsExactlyInAnyOrder(
              "etc/uplift.yaml",
              "etc/uplift/names.csv",
              "srv/secrets/otlp",
              "etc/uplift/accounts.yaml");
    }
    assertThat(lines)
        .contains(
            "does not restore "
                + root.resolve("etc/cron.d/x")
                + ": the configuration of the backup does not name this file")
        .containsSubsequence(
            "restores " + root.resolve("etc/uplift/names.csv"),
            "restored the data directory " + folder.resolve("data"),
            "restored " + root.resolve("etc/uplift/names.csv"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/etc/passwd",
        "data/../../etc/passwd",
        "data/ca/../../x",
        "data/ca/./x",
        "data/ca//x",
        "data/ca/",
        "data/ca",
        "data/other/x",
        "data/inventory.db/x",
        "data/daemon.lock",
        "data/ca\\..\\..\\x",
        "files/../x",
        "files//etc/passwd",
        "files/C:/Windows/x",
        "files/etc/x:stream",
        "files/etc/\u0007x",
        "files",
        "other/x",
        "..",
        "",
      })
  void aNameThatLeadsElsewhereWritesNothing(String name) throws Exception {
    String expected = name.isEmpty() ? "not a backup" : "which is not allowed";
    assertRefused(
        forge(manifest(line(CONTENT, CONTENT.length(), name)), List.of(new Entry("x", CONTENT))),
        expected);
  }

  @Test
  void aDeepOrLongNameWritesNothing() throws Exception {
    assertRefused(forge("files/" + "d/".repeat(40) + "x"), "which is not allowed");
    assertRefused(forge("files/" + "x".repeat(300)), "which is not allowed");
  }

  @Test
  void anEntryThatIsNotInTheManifestWritesNothing() throws Exception {
    List<Entry> two = List.of(new Entry("data/ca/a", CONTENT), new Entry("data/ca/b", CONTENT));
    assertRefused(
        forge(manifest(line(CONTENT, 7, "data/ca/a")), two), "more entries than its manifest");
    assertRefused(
        forge(manifest(line(CONTENT, 7, "data/ca/b")), two), "entry 'data/ca/b' is missing");
    assertRefused(
        forge(manifest(line(CONTENT, 7, "data/ca/a") + "\n" + line("", 0, "data/ca/A")), two),
        "two entries");
  }

  @Test
  void anEntryWithAnotherSizeOrDigestWritesNothing() throws Exception {
    List<Entry> one = List.of(new Entry("data/ca/a", CONTENT));
    for (String line :
        List.of(
            line(CONTENT, 6, "data/ca/a"),
            line(CONTENT, 8, "data/ca/a"),
            line("other", 7, "data/ca/a"))) {
      assertRefused(forge(manifest(line), one), "differs from its manifest");
    }
  }

  @Test
  void anOversizedEntryWritesNothing() throws Exception {
    assertRefused(
        forge(
            manifest(line(CONTENT, 17L << 20, "data/sign-in/a.tokens")),
            List.of(new Entry("data/sign-in/a.tokens", CONTENT))),
        "is too large");
    assertRefused(
        forge(
            manifest(line(CONTENT, 7, "data/sign-in/a.tokens")),
            List.of(new Entry("data/sign-in/a.tokens", "0".repeat(64 << 20)))),
        "differs from its manifest");
  }

  @Test
  void tooManyEntriesWriteNothing() throws Exception {
    String lines =
        IntStream.rangeClosed(0, 100_000)
            .mapToObj(i -> line("", 0, "data/sign-in/" + i))
            .collect(Collectors.joining("\n"));
    assertRefused(forge(manifest(lines), List.of()), "at most 100000 are allowed");
  }

  @Test
  void aFutureFormatAndAForeignArchiveWriteNothing() throws Exception {
    assertRefused(
        forge(manifest("").replace("format 1", "format 3"), List.of()), "a newer version");
    assertRefused(forge("hello", List.of()), "is not a backup of TLS Uplift");
    List<String> cut = new ArrayList<>(manifest("").lines().toList());
    cut.remove(2);
    assertRefused(
        forge(String.join("\n", cut) + "\n\n\n", List.of()), "is not a backup of TLS Uplift");
  }
}
