package org.tlsuplift.server.process;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
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
    Path made = directory.resolve(name);
    FileModes.createDirectory(made, FileModes.Readers.OWNER);
    if (FileModes.isOfRootAlone(made)) {
      Files.delete(made);
      made = FileModes.placeOfRoot(directory).resolve("tls-uplift-" + name);
      try {
        FileModes.createDirectory(made, FileModes.Readers.OWNER);
      } catch (FileSystemException readOnly) {
        throw asOwner(directory, readOnly.toString(), readOnly);
      }
    }
    return new PrivateDirectory(made);
  }

  private static OperatorException asOwner(Path directory, String reason, @Nullable Exception cause)
      throws IOException {
    return new OperatorException(
        "run the command as the user %s: root has no place beside %s that this user cannot change (%s)"
            .formatted(Files.getOwner(directory), directory, reason),
        cause);
  }

  /** Files can be moved from here to the directory, and back. */
  public static PrivateDirectory createOnSameDevice(Path directory, String prefix)
      throws IOException, OperatorException {
    PrivateDirectory made = create(directory, prefix);
    if (made.path.getFileSystem().supportedFileAttributeViews().contains("unix")
        && !Files.getAttribute(made.path, "unix:dev")
            .equals(Files.getAttribute(directory, "unix:dev"))) {
      made.close();
      throw asOwner(directory, "it is a mount of its own", null);
    }
    return made;
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
