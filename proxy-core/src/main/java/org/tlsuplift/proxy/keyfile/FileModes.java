package org.tlsuplift.proxy.keyfile;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * Who else than its owner can touch a file.
 *
 * <p>Where a file system has no POSIX modes (Windows), the directory's own protection has to do.
 */
public final class FileModes {
  private static final Set<PosixFilePermission> OTHERS =
      EnumSet.of(
          PosixFilePermission.OTHERS_READ,
          PosixFilePermission.OTHERS_WRITE,
          PosixFilePermission.OTHERS_EXECUTE);
  private static final Set<PosixFilePermission> GROUP =
      EnumSet.of(
          PosixFilePermission.GROUP_READ,
          PosixFilePermission.GROUP_WRITE,
          PosixFilePermission.GROUP_EXECUTE);

  private FileModes() {}

  /**
   * The mode of a file or directory that others than the owner can touch, such as {@code
   * rw-r--r--}; empty when they cannot.
   *
   * @param groupToo whether the group may not either
   */
  public static Optional<String> openToOthers(Path path, boolean groupToo) throws IOException {
    if (!areKnown(path)) {
      return Optional.empty();
    }
    Set<PosixFilePermission> found = Files.getPosixFilePermissions(path);
    Set<PosixFilePermission> excess = EnumSet.copyOf(OTHERS);
    if (groupToo) {
      excess.addAll(GROUP);
    }
    excess.retainAll(found);
    return excess.isEmpty() ? Optional.empty() : Optional.of(PosixFilePermissions.toString(found));
  }

  /** Whether the file system has such modes. */
  public static boolean areKnown(Path path) throws IOException {
    return Files.getFileStore(path).supportsFileAttributeView("posix");
  }
}
