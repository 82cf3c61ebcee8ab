package org.tlsuplift.proxy.keyfile;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * Files that only their owner may read, from the moment they exist, and that are whole at any
 * moment: whoever reads one while it is written sees the old or the new one.
 *
 * <p>Where a file system has no POSIX modes (Windows), the directory's own protection has to do.
 */
public final class OwnerOnlyFile {
  private OwnerOnlyFile() {}

  /** Puts a file of mode 0600 in the place of another, or of none, once it is on the disk. */
  public static void replace(Path file, byte[] content) throws IOException {
    Path target = Files.exists(file) ? file.toRealPath() : file.toAbsolutePath();
    Path written = target.resolveSibling(target.getFileName() + ".new");
    Files.deleteIfExists(written);
    create(written, content);
    try {
      Files.move(written, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException odd) {
      Files.move(written, target, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  /**
   * Writes a new file of mode 0600.
   *
   * @throws java.nio.file.FileAlreadyExistsException when there is one
   */
  public static void create(Path file, byte[] content) throws IOException {
    try (FileChannel channel =
        FileChannel.open(
            file,
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            attributes(file, "rw-------"))) {
      ByteBuffer buffer = ByteBuffer.wrap(content);
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
      channel.force(true);
    }
  }

  /** Makes a directory of mode 0700, if there is none. */
  public static void directory(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      Files.createDirectory(directory, attributes(directory, "rwx------"));
    }
  }

  private static FileAttribute<?>[] attributes(Path file, String modes) throws IOException {
    Path parent = file.toAbsolutePath().getParent();
    return parent != null && FileModes.areKnown(parent)
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(modes))
        }
        : new FileAttribute<?>[0];
  }
}
