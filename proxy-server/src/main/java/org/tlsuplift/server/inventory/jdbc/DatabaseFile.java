package org.tlsuplift.server.inventory.jdbc;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.sql.SQLException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.keyfile.FileModes;

/**
 * The file of SQLite, which an operator may delete or replace while it is used. SQLite would go on
 * with the deleted file, and what is written would be lost. For one thread.
 */
public final class DatabaseFile {
  /** SQLite needs so much for a new database, with its log. */
  private static final long ROOM = 1 << 20;

  private final Path file;
  private @Nullable Identity used;
  private @Nullable Identity usedLog;

  /**
   * Which file it is, whatever its name.
   *
   * @param key its inode; null where there is no such thing
   */
  private record Identity(@Nullable Object key) {}

  public DatabaseFile(Path file) {
    this.file = file;
  }

  /**
   * Makes it if it is missing, so that no other user may read it: not even for a moment. SQLite
   * gives its write-ahead log and its shared memory the mode of this file.
   */
  public static void create(Path file) throws IOException {
    FileModes.prepare(file, FileModes.Readers.OWNER);
  }

  /** Makes it if it is missing, and uses the file that is there from now on. */
  public void use() throws IOException {
    if (usedLog != null && usedLog.equals(identity(log()))) {
      // Left by the file that was used before: SQLite would apply it to this one.
      Files.deleteIfExists(log());
      Files.deleteIfExists(file.resolveSibling(file.getFileName() + "-shm"));
    }
    create(file);
    used = identity(file);
    usedLog = null;
  }

  /** Whether another file, or none, is where the one that is used was. */
  public boolean isReplaced() {
    if (!Objects.equals(used, identity(file))) {
      return true;
    }
    usedLog = identity(log());
    return false;
  }

  /** The write-ahead log of SQLite. */
  private Path log() {
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

  /** Why something failed: SQLite calls a lack of room by many names. */
  public SQLException explain(SQLException failed) {
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
