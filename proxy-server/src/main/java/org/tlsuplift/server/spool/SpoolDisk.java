package org.tlsuplift.server.spool;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;

/** What the disk of a SQLite spool must be able to do. */
public final class SpoolDisk {
  /**
   * SQLite extends its shared memory by one byte in each 4 KiB (unixShmMap). With smaller blocks, a
   * full disk leaves holes in the mapped file, and touching one ends the process with SIGBUS.
   */
  private static final long BLOCK = 4096;

  /** Others, such as zfs, report a small unit but map whole pages. */
  private static final Set<String> TYPES = Set.of("ext2", "ext3", "ext4", "xfs");

  private SpoolDisk() {}

  /** Why no mail may be kept in a directory; empty if it may, or if that is unknown. */
  public static String refusal(Path directory) {
    try {
      FileStore store = Files.getFileStore(existing(directory));
      return refusal(store.type(), store.getBlockSize());
    } catch (IOException | UnsupportedOperationException unknown) {
      return "";
    }
  }

  static String refusal(String type, long blockSize) {
    return TYPES.contains(type) && blockSize < BLOCK
        ? "the file system of dataDirectory has blocks of "
            + blockSize
            + " bytes; the spool needs 4096: make one with mkfs -b 4096, or set another dataDirectory"
        : "";
  }

  /** The room for a file in a directory that may not exist yet, in bytes. */
  public static long room(Path file) {
    return existing(file.resolveSibling("")).toFile().getUsableSpace() + file.toFile().length();
  }

  private static Path existing(Path directory) {
    Path found = directory.toAbsolutePath();
    while (!Files.exists(found) && found.getParent() != null) {
      found = found.getParent();
    }
    return found;
  }
}
