package org.tlsuplift.server.database;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tlsuplift.server.process.FileModes;
import org.tlsuplift.server.process.OwnerOnlyFile;

/**
 * The SQLite file, which an operator may delete or replace while the daemon uses it. SQLite would
 * continue to write to the deleted file, and the rows would be lost. Thread-safe.
 */
final class DatabaseFile {
  private static final Logger log = LoggerFactory.getLogger(DatabaseFile.class);

  /** The space that SQLite needs for a new database with its log, in bytes. */
  private static final long ROOM = 1 << 20;

  private final Path file;
  private @Nullable Identity used;
  private @Nullable Identity usedLog;

  /**
   * Identifies a file, independent of its name.
   *
   * @param key the inode; null on file systems without one
   */
  private record Identity(@Nullable Object key) {}

  DatabaseFile(Path file) {
    this.file = file;
  }

  /**
   * Creates the file if it is missing, and remembers which file is in use. Only its owner can ever
   * read it. SQLite creates its write-ahead log and its shared memory with the mode of this file.
   *
   * <p>After a failure, this is called again with the same file. Its log then stays: it may have
   * rows that the file does not have yet.
   */
  synchronized void use() throws IOException {
    if (isReplaced() && usedLog != null && usedLog.equals(identity(logFile()))) {
      // SQLite would apply the log of the previous file to this one.
      Files.deleteIfExists(logFile());
      Files.deleteIfExists(file.resolveSibling(file.getFileName() + "-shm"));
    }
    Identity found = identity(file);
    if (found != null
        && !found.equals(used)
        && Files.isRegularFile(file)
        && Files.size(file) == 0) {
      log.warn(
          "{} has 0 bytes; the daemon starts an empty database; if the old one had data, stop the"
              + " daemon and restore a backup",
          file);
    }
    FileModes.prepare(file, FileModes.Readers.OWNER);
    if (found == null) {
      OwnerOnlyFile.force(file.toAbsolutePath().resolveSibling(""));
    }
    used = identity(file);
    // SQLite applies a log that is there to the file.
    usedLog = identity(logFile());
  }

  /** Whether the file in use was deleted or replaced; false if none is in use yet. */
  synchronized boolean isReplaced() {
    if (used == null) {
      return false;
    }
    if (!used.equals(identity(file))) {
      return true;
    }
    usedLog = identity(logFile());
    return false;
  }

  /**
   * Returns if the file with this name is the one in use.
   *
   * @throws SQLException if it was deleted or replaced, or none is in use yet
   */
  synchronized void check() throws SQLException {
    if (used == null || isReplaced()) {
      throw new SQLException(
          "the file was deleted or replaced, or is not open yet; try again in a few seconds");
    }
  }

  /** Remembers the log, which the first connection creates, as that of the file in use. */
  void noteLog() {
    var unused = isReplaced();
  }

  Path path() {
    return file;
  }

  /** The write-ahead log of SQLite. */
  private Path logFile() {
    return file.resolveSibling(file.getFileName() + "-wal");
  }

  private static @Nullable Identity identity(Path file) {
    try {
      return new Identity(
          Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
              .fileKey());
    } catch (IOException gone) {
      return null;
    }
  }

  /** The reason for a failure. SQLite reports a full disk with several different errors. */
  SQLException explain(SQLException failed) {
    try {
      if (Files.getFileStore(file.toAbsolutePath().getParent()).getUsableSpace() < ROOM) {
        SQLException full = new SQLException("no space left on the disk of " + file);
        full.addSuppressed(failed);
        return full;
      }
    } catch (IOException unknown) {
      failed.addSuppressed(unknown);
    }
    return failed;
  }
}
