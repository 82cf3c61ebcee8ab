package org.tlsuplift.server.backup;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.server.command.CommandRun;
import org.tlsuplift.server.command.Configs;
import org.tlsuplift.server.config.ConfigLoader;
import org.tlsuplift.server.inventory.jdbc.Fleet;
import org.tlsuplift.server.process.DataDirectoryLock;

/**
 * A configuration with a data directory in which everything is that a daemon puts there.
 *
 * @param config the file of the configuration
 * @param data the data directory
 */
record DataFolder(Path config, Path data) {
  static final int DEVICES = 40;

  /** So that tests need not hash 65 MB for each backup that they open. */
  static final int LITTLE_WORK = 0x60;

  static DataFolder create(Path folder) throws Exception {
    Path secret = Files.writeString(folder.resolve("otlp.headers"), "Authorization: Bearer x\n");
    Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
    Path names = Files.writeString(folder.resolve("names.csv"), "192.0.2.7,copier\n");
    String config =
        Configs.write(
            folder,
            "devices: {allow: [127.0.0.0/8], namesFile: '%s'}".formatted(names),
            "metrics: {otlp: {url: 'http://127.0.0.1:4318/v1/metrics', headersFile: '%s'}}"
                .formatted(secret));
    Configs.makeAuthority(config);
    DataFolder made = new DataFolder(Path.of(config), folder.resolve("data"));
    CommandRun staged = CommandRun.of("ca", "stage", "--config", config);
    if (staged.exit() != 0) {
      throw new AssertionError(staged.toString());
    }
    Files.createDirectories(made.data.resolve("sign-in"));
    Files.writeString(made.data.resolve("sign-in/tokens.key"), "00".repeat(32));
    Files.write(made.data.resolve("sign-in/a1b2.tokens"), new byte[] {1, 2, 3});
    Files.writeString(made.data.resolve("sign-in/c3.tokens.77.new"), "half");
    Files.createDirectories(made.data.resolve("endpoints"));
    Files.writeString(made.data.resolve("endpoints/worldwide.state"), "{}");
    Fleet.create(made.data.resolve(EntryName.INVENTORY), DEVICES, Instant.now()).close();
    return made;
  }

  BackupContents collect() throws Exception {
    return BackupContents.collect(ConfigLoader.load(config).config(), config, "tls-uplift 1", null);
  }

  /** Writes a backup. */
  Path backup(Path file, Encryption encryption) throws Exception {
    return backup(file, encryption, null);
  }

  Path backup(Path file, Encryption encryption, @Nullable BackupSigner signer) throws Exception {
    try (BackupContents contents = collect()) {
      var unused = BackupFile.write(file, contents, encryption, signer);
    }
    return file;
  }

  /** The files below a directory, with their modes and contents. */
  static Map<String, String> files(Path directory) throws IOException {
    Map<String, String> files = new TreeMap<>();
    try (Stream<Path> all = Files.walk(directory)) {
      all.filter(file -> !file.endsWith(DataDirectoryLock.NAME))
          .forEach(
              file ->
                  files.put(
                      directory.relativize(file).toString(), mode(file) + " " + content(file)));
    }
    return files;
  }

  static Path privately(Path file, String content) throws IOException {
    Files.writeString(file, content);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    return file;
  }

  static String mode(Path file) {
    try {
      return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  private static String content(Path file) {
    try {
      return Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
          ? new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1)
          : "";
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }
}
