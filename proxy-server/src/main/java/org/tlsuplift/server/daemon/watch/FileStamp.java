package org.tlsuplift.server.daemon.watch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import org.jspecify.annotations.Nullable;

/**
 * What tells one state of a file from another.
 *
 * @param modified when it was last written
 * @param size in bytes
 * @param key the file itself, whatever its name is (its inode); null where there is no such thing
 */
record FileStamp(FileTime modified, long size, @Nullable Object key) {
  /** The state right now; null when the file is not there or cannot be seen. */
  static @Nullable FileStamp of(Path file) {
    try {
      BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
      return new FileStamp(now.lastModifiedTime(), now.size(), now.fileKey());
    } catch (IOException gone) {
      return null;
    }
  }
}
