package org.tlsuplift.server.daemon.watch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import org.jspecify.annotations.Nullable;

/**
 * One state of a file. Equal stamps mean that the file has not changed.
 *
 * @param key identifies the file regardless of its name (inode); null if not supported
 */
record FileStamp(FileTime modified, long size, @Nullable Object key) {
  /** The current state; null if the file is missing or not accessible. */
  static @Nullable FileStamp of(Path file) {
    try {
      BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
      return new FileStamp(now.lastModifiedTime(), now.size(), now.fileKey());
    } catch (IOException gone) {
      return null;
    }
  }
}
