package org.tlsuplift.server.process;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.tlsuplift.proxy.outcome.OperatorException;

/**
 * A new directory that no other user can lead elsewhere, for files on their way to or from another
 * one.
 *
 * <p>It is in that directory. If root works for another user, such as that of the daemon, it is
 * outside the directories of that user, who could replace it by a link.
 *
 * @param path mode 0700
 */
public record PrivateDirectory(Path path) implements AutoCloseable {
  /**
   * @param directory exists
   */
  public static PrivateDirectory create(Path directory, String prefix)
      throws IOException, OperatorException {
    String name = prefix + Long.toHexString(ThreadLocalRandom.current().nextLong()) + ".new";
    Optional<Path> outside = FileModes.placeOfRoot(directory);
    Path made =
        outside.orElse(directory).resolve(outside.isPresent() ? "tls-uplift-" + name : name);
    try {
      FileModes.createDirectory(made, FileModes.Readers.OWNER);
    } catch (FileSystemException readOnly) {
      if (outside.isEmpty()) {
        throw readOnly;
      }
      throw asOwner(directory, readOnly.toString());
    }
    return new PrivateDirectory(made);
  }

  private static OperatorException asOwner(Path directory, String reason) {
    return new OperatorException(
        "run the command as the daemon's user: root has no place beside %s that other users cannot change (%s)"
            .formatted(directory, reason));
  }

  /** Files can be moved from here to the directory, and back. */
  public static PrivateDirectory createOnSameDevice(Path directory, String prefix)
      throws IOException, OperatorException {
    Optional<Path> outside = FileModes.placeOfRoot(directory);
    if (outside.isPresent()) {
      if (!outside.get().equals(directory.toRealPath().getParent())) {
        throw asOwner(directory, "the directory above it is not root's alone");
      }
      if (!Files.getAttribute(outside.get(), "unix:dev")
          .equals(Files.getAttribute(directory, "unix:dev"))) {
        throw asOwner(directory, "it is a mount of its own");
      }
    }
    return create(directory, prefix);
  }

  /** Deletes a file, or a directory with all that is in it; follows no link. */
  private static void deleteAll(Path path) throws IOException {
    if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
      try (DirectoryStream<Path> all = Files.newDirectoryStream(path)) {
        for (Path each : all) {
          deleteAll(each);
        }
      } catch (DirectoryIteratorException failed) {
        throw failed.getCause();
      }
    }
    Files.deleteIfExists(path);
  }

  @Override
  public void close() throws IOException {
    deleteAll(path);
  }
}
