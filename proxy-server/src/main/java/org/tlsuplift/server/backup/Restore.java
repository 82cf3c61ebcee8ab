package org.tlsuplift.server.backup;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.server.database.DatabaseCopy;
import org.tlsuplift.server.process.DataDirectoryLock;
import org.tlsuplift.server.process.FileModes;
import org.tlsuplift.server.process.OwnerOnlyFile;
import org.tlsuplift.server.process.PrivateDirectory;
import org.tlsuplift.server.process.UnfinishedRestore;

/**
 * Restores a backup.
 *
 * <p>The whole backup is checked first. Then it is unpacked to a private directory in the data
 * directory, and checked again. Only after that, the parts get their names. What they replace is
 * kept. Blocks on the disk.
 */
public final class Restore {
  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss").withZone(ZoneOffset.UTC);

  /** The database, its log and its shared memory. */
  private static final List<String> SQLITE = List.of("", "-wal", "-shm");

  private final Path backup;
  private final Decryption decryption;
  private final CheckedBackup checked;

  /**
   * Where to restore to, and what may be replaced.
   *
   * @param dataDirectory null for the data directory of the backup
   * @param filesTo the directory below which the configuration and the files that it names are
   *     written with their absolute paths; null to leave them out
   * @param force whether to replace what is there; it is kept under another name
   * @param replaceNewerCa whether to replace a CA that is newer than that of the backup
   * @param signedBy the fingerprint of the key that must have signed a backup to a public key
   * @param unverified whether such a backup is restored although nothing proves who made it
   */
  public record Choices(
      @Nullable Path dataDirectory,
      @Nullable Path filesTo,
      boolean force,
      boolean replaceNewerCa,
      @Nullable String signedBy,
      boolean unverified) {}

  private Restore(Path backup, Decryption decryption, CheckedBackup checked) {
    this.backup = backup;
    this.decryption = decryption;
    this.checked = checked;
  }

  /**
   * Checks a whole backup, and writes nothing.
   *
   * @throws OperatorException if it is damaged, foreign, or cannot be decrypted
   */
  public static Restore check(Path backup, Decryption decryption) throws OperatorException {
    CheckedBackup.Collector collector = new CheckedBackup.Collector();
    Manifest manifest = BackupFile.read(backup, decryption, collector);
    return new Restore(backup, decryption, collector.checked(manifest));
  }

  public CheckedBackup backup() {
    return checked;
  }

  /** Where the configuration is after the restore; empty if no application has a certificate. */
  public Optional<Path> configuration(Choices choices) {
    Path root = choices.filesTo() == null ? Path.of("/") : choices.filesTo().toAbsolutePath();
    String name = checked.manifest().configuration();
    return checked.manifest().entries().stream()
        .filter(entry -> entry.name().endsWith(".application.crt.pem") && !name.isEmpty())
        .findFirst()
        .map(certificate -> EntryName.below(root, EntryName.FILES, name));
  }

  /**
   * Restores the backup.
   *
   * @param progress receives lines for the operator
   * @return the data directory
   * @throws OperatorException if something is in the way; the data directory is then unchanged
   */
  public Path run(Choices choices, Consumer<String> progress) throws OperatorException {
    if (decryption.isByPublicKey() && !choices.unverified()) {
      checked.refuseOtherSigner(choices.signedBy());
    }
    Path directory = directory(choices);
    try {
      if (Files.exists(directory) && !Files.isDirectory(directory)) {
        throw new OperatorException(
            directory + " is not a directory; choose another data directory");
      }
      refuseNonEmpty(directory, choices);
      FileModes.directory(directory, FileModes.Readers.OWNER);
      Optional<DataDirectoryLock> lock = DataDirectoryLock.ofRestore(directory);
      if (lock.isEmpty()) {
        throw new OperatorException(
            "a daemon uses " + directory + "; stop it, then restore again; nothing was written");
      }
      try (DataDirectoryLock held = lock.get()) {
        assert held.isOpen();
        if (!choices.replaceNewerCa()) {
          checked.refuseNewer(directory);
        }
        RestoredFiles files = new RestoredFiles(checked.manifest(), choices.filesTo());
        if (!choices.force()) {
          files.refuseExisting();
        }
        UnfinishedRestore.said(directory).ifPresent(progress);
        restore(directory, files, progress);
        return directory;
      }
    } catch (IOException failed) {
      throw new OperatorException("the restore failed: " + failed, failed);
    }
  }

  private Path directory(Choices choices) throws OperatorException {
    if (choices.dataDirectory() != null) {
      return choices.dataDirectory().toAbsolutePath().normalize();
    }
    try {
      Path recorded = Path.of(checked.manifest().dataDirectory());
      if (recorded.isAbsolute()) {
        return recorded.normalize();
      }
    } catch (InvalidPathException ofAnotherSystem) {
      // Not a path on this system: handled like a missing path below.
    }
    throw new OperatorException(
        "the data directory of the backup, '%s', is not a path of this machine; use --data-directory"
            .formatted(checked.manifest().dataDirectory()));
  }

  private static void refuseNonEmpty(Path directory, Choices choices)
      throws IOException, OperatorException {
    if (!choices.force() && Files.isDirectory(directory)) {
      try (Stream<Path> entries = Files.list(directory)) {
        if (entries.anyMatch(each -> !each.endsWith(DataDirectoryLock.NAME))) {
          throw new OperatorException(
              directory
                  + " is not empty; nothing was written; restore to another --data-directory, or"
                  + " use --force to replace what is there");
        }
      }
    }
  }

  private void restore(Path directory, RestoredFiles files, Consumer<String> progress)
      throws IOException, OperatorException {
    try (PrivateDirectory made = PrivateDirectory.createOnSameDevice(directory, "restore-")) {
      Path unpacked = made.path();
      unpack(directory, unpacked);
      Path inventory = unpacked.resolve("data").resolve(EntryName.INVENTORY);
      if (Files.exists(inventory) && !DatabaseCopy.isIntact(inventory)) {
        throw new OperatorException(
            "the inventory in the backup is damaged; nothing was written; use another backup");
      }
      String stamp = STAMP.format(Instant.now());
      files.select(unpacked, progress);
      replaceParts(directory, unpacked.resolve("data"), stamp, progress);
      files.write(unpacked, stamp, progress);
      String recorded = checked.manifest().dataDirectory();
      if (!recorded.equals(directory.toString())) {
        progress.accept(
            "set 'dataDirectory: %s' in the configuration: the backup is of %s"
                .formatted(directory, recorded));
      }
      OwnerOnlyFile.force(directory);
    }
  }

  private void unpack(Path directory, Path unpacked) throws IOException, OperatorException {
    Manifest again =
        BackupFile.read(
            backup,
            decryption,
            (entry, modified, content) ->
                write(directory, unpacked, entry.name(), modified, content));
    if (!again.equals(checked.manifest())) {
      throw new OperatorException(
          backup + " changed while it was read; nothing was restored; try again");
    }
  }

  private static void write(
      Path directory, Path unpacked, String name, Instant modified, InputStream content)
      throws IOException {
    Path file = EntryName.below(unpacked, "", name);
    for (Path folder : foldersOf(unpacked, file)) {
      if (!Files.isDirectory(folder)) {
        FileModes.directory(folder, FileModes.Readers.OWNER);
        FileModes.giveTo(directory, folder);
      }
    }
    try (var channel = FileModes.create(file, FileModes.Readers.OWNER);
        OutputStream out = Channels.newOutputStream(channel)) {
      content.transferTo(out);
      channel.force(true);
    }
    // A staged or previous CA is as old as its file.
    Files.setLastModifiedTime(file, FileTime.from(modified));
    FileModes.giveTo(directory, file);
  }

  private static List<Path> foldersOf(Path root, Path file) {
    List<Path> folders = new ArrayList<>();
    for (Path each = file.getParent();
        each != null && each.startsWith(root) && !each.equals(root);
        each = each.getParent()) {
      folders.add(0, each);
    }
    return folders;
  }

  /**
   * Each part of the backup is replaced as a whole, so that no key of another CA or sign-in remains
   * in it. Parts that the backup does not have stay. If one cannot be replaced, all are as before.
   */
  private static void replaceParts(
      Path directory, Path unpacked, String stamp, Consumer<String> progress)
      throws IOException, OperatorException {
    PrivateDirectory old = PrivateDirectory.createOnSameDevice(directory, "before-restore-");
    // If the program is killed from here on, no daemon makes a new CA.
    UnfinishedRestore.begin(directory, old.path());
    Deque<Path[]> moves = new ArrayDeque<>();
    try {
      for (String part : EntryName.PARTS) {
        Path restored = unpacked.resolve(part);
        if (!Files.exists(restored)) {
          continue;
        }
        // SQLite would apply the log of the old inventory to the new one.
        for (String suffix : part.equals(EntryName.INVENTORY) ? SQLITE : List.of("")) {
          Path there = directory.resolve(part + suffix);
          if (Files.exists(there, LinkOption.NOFOLLOW_LINKS)) {
            move(there, old.path().resolve(part + suffix), moves);
          }
        }
        move(restored, directory.resolve(part), moves);
      }
    } catch (IOException failed) {
      for (Path[] each : moves) {
        OwnerOnlyFile.move(each[1], each[0]);
      }
      old.close();
      UnfinishedRestore.end(directory);
      throw failed;
    }
    UnfinishedRestore.end(directory);
    keep(old, directory, stamp).ifPresent(progress);
    progress.accept("restored the data directory " + directory);
  }

  private static void move(Path from, Path to, Deque<Path[]> moves) throws IOException {
    OwnerOnlyFile.move(from, to);
    moves.push(new Path[] {from, to});
  }

  /** Gives what was there a name in the data directory, and returns a line about it. */
  private static Optional<String> keep(PrivateDirectory old, Path directory, String stamp)
      throws IOException {
    try (Stream<Path> all = Files.list(old.path())) {
      if (all.findAny().isEmpty()) {
        old.close();
        return Optional.empty();
      }
    }
    Path kept = directory.resolve("before-restore-" + stamp);
    try {
      FileModes.giveTo(directory, old.path());
      OwnerOnlyFile.move(old.path(), kept);
    } catch (IOException another) {
      // The name exists.
      kept = old.path();
    }
    return Optional.of(
        "kept what was there in " + kept + "; it has private keys; delete it when all works");
  }

  static boolean hasContent(Path file, byte[] content) throws IOException {
    return Files.size(file) == content.length && Arrays.equals(Files.readAllBytes(file), content);
  }
}
