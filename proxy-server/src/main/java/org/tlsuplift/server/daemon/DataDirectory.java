package org.tlsuplift.server.daemon;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.tlsuplift.proxy.keyfile.FileModes;

/** Makes the data directory for this user alone; one that exists is the operator's affair. */
public final class DataDirectory {
  private DataDirectory() {}

  /**
   * Makes it where it is missing.
   *
   * @throws StartFailedException when it cannot be made
   */
  public static void prepare(Path directory) throws StartFailedException {
    if (Files.isDirectory(directory)) {
      return;
    }
    try {
      FileModes.directory(directory, FileModes.Readers.OWNER);
    } catch (IOException failed) {
      if (FullDisk.isCauseOf(failed)) {
        throw FullDisk.at(directory, failed);
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
}
