package org.tlsuplift.proxy.ca;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.keyfile.FileModes;

/**
 * Files that only their owner may read, from the moment they exist and whatever the umask is.
 *
 * <p>Where a file system has no POSIX modes (Windows), the directory's own protection has to do.
 */
final class PrivateFiles {
  private static final Set<PosixFilePermission> OWNER_FILE = modes("rw-------");
  private static final Set<PosixFilePermission> OWNER_DIRECTORY = modes("rwx------");

  private PrivateFiles() {}

  /** Makes a directory of mode 0700 and, with usual modes, what is above it. */
  static void createDirectory(Path directory) throws IOException {
    Path parent = directory.toAbsolutePath().getParent();
    if (parent != null) {
      Files.createDirectories(parent);
    }
    try {
      Files.createDirectory(directory, attributes(parent, OWNER_DIRECTORY));
    } catch (FileAlreadyExistsException already) {
      // Another process was faster, or the operator made it; its mode is checked by the caller.
      return;
    }
    setModes(directory, OWNER_DIRECTORY);
  }

  /**
   * Writes a new file of mode 0600 and makes sure that it is on the disk.
   *
   * @throws IOException also when the file exists
   */
  static void write(Path file, byte[] content) throws IOException {
    try (FileChannel channel = open(file, StandardOpenOption.CREATE_NEW)) {
      ByteBuffer buffer = ByteBuffer.wrap(content);
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
      channel.force(true);
    }
  }

  /** Puts a complete file in the place of another, or of none. */
  static void replace(Path from, Path to) throws IOException {
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException odd) {
      Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  /** Opens a file for writing, with mode 0600 if it has to be made. */
  static FileChannel open(Path file, StandardOpenOption create) throws IOException {
    FileChannel channel =
        FileChannel.open(
            file,
            Set.of(create, StandardOpenOption.WRITE),
            attributes(file.toAbsolutePath().getParent(), OWNER_FILE));
    try {
      // The mode given at creation is what remains after the umask: never wider, maybe narrower.
      setModes(file, OWNER_FILE);
      return channel;
    } catch (IOException failed) {
      channel.close();
      throw failed;
    }
  }

  /**
   * Refuses a file or directory that others than the owner can touch.
   *
   * @param groupToo whether the group may not either
   * @param mode what to set it to, such as {@code 600}
   */
  static void require(Path path, boolean groupToo, String mode) throws IOException, CaException {
    Optional<String> open = FileModes.openToOthers(path, groupToo);
    if (open.isPresent()) {
      throw new CaException(
          path
              + " is accessible to others (mode "
              + open.get()
              + "), but guards the CA's private key; run: chmod "
              + mode
              + " "
              + path);
    }
  }

  private static void setModes(Path path, Set<PosixFilePermission> modes) throws IOException {
    if (FileModes.areKnown(path)) {
      Files.setPosixFilePermissions(path, modes);
    }
  }

  private static FileAttribute<?>[] attributes(
      @Nullable Path parent, Set<PosixFilePermission> modes) throws IOException {
    return parent != null && FileModes.areKnown(parent)
        ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(modes)}
        : new FileAttribute<?>[0];
  }

  private static Set<PosixFilePermission> modes(String text) {
    return Set.copyOf(PosixFilePermissions.fromString(text));
  }
}
