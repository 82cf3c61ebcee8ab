package org.tlsuplift.server.daemon;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;

/** Makes the data directory for this user alone; one that exists is the operator's affair. */
final class DataDirectory {
  private DataDirectory() {}

  static void prepare(Path directory) throws StartFailedException {
    if (Files.isDirectory(directory)) {
      return;
    }
    try {
      Path parent = directory.toAbsolutePath().normalize().getParent();
      if (parent != null) {
        Files.createDirectories(parent);
      }
      Files.createDirectory(directory, ownerOnly(directory));
    } catch (IOException failed) {
      if (Files.isDirectory(directory)) {
        // Another process was faster.
        return;
      }
      throw new StartFailedException(
          "dataDirectory: '"
              + directory
              + "' cannot be made ("
              + failed
              + "); make it for the user that runs TLS Uplift, or set another",
          failed);
    }
  }

  private static FileAttribute<?>[] ownerOnly(Path directory) {
    return directory.getFileSystem().supportedFileAttributeViews().contains("posix")
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"))
        }
        : new FileAttribute<?>[0];
  }
}
