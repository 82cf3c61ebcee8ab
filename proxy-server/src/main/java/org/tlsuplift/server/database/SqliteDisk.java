package org.tlsuplift.server.database;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.tlsuplift.server.process.DataDirectory;

/** What a disk means for the SQLite files on it. */
public final class SqliteDisk {
  /**
   * SQLite extends its shared memory by one byte in each 4 KiB (unixShmMap). With smaller blocks, a
   * full disk leaves holes in the mapped file, and touching one ends the process with SIGBUS.
   */
  private static final long BLOCK = 4096;

  /** Others, such as zfs, report a small unit but map whole pages. */
  private static final Set<String> TYPES = Set.of("ext2", "ext3", "ext4", "xfs");

  /** What the operator can do about a {@link #refusal}, which ends with it. */
  public static final String REMEDY = "make one with mkfs -b 4096, or set another dataDirectory";

  private SqliteDisk() {}

  /**
   * Why no mail may be kept in a directory, and no file there may use shared memory; empty if both
   * may, or if that is unknown.
   */
  public static String refusal(Path directory) {
    try {
      FileStore store = Files.getFileStore(DataDirectory.existing(directory));
      return refusal(store.type(), store.getBlockSize());
    } catch (IOException | UnsupportedOperationException unknown) {
      return "";
    }
  }

  static String refusal(String type, long blockSize) {
    return TYPES.contains(type) && blockSize < BLOCK
        ? "the file system of dataDirectory has blocks of "
            + blockSize
            + " bytes, and 4096 are needed: "
            + REMEDY
        : "";
  }

  /** The room for a file in a directory that may not exist yet, in bytes. */
  public static long room(Path file) {
    return DataDirectory.existing(file.resolveSibling("")).toFile().getUsableSpace()
        + file.toFile().length();
  }
}
