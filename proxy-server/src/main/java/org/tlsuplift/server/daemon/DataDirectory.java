package org.tlsuplift.server.daemon;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.tlsuplift.proxy.keyfile.FileModes;

/** Creates the data directory for this user only. It does not change an existing directory. */
public final class DataDirectory {
  private DataDirectory() {}

  /**
   * @throws StartFailedException if it cannot be created
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
              + "' cannot be created ("
              + failed
              + "); create it for the user that runs TLS Uplift, or set another directory",
          failed);
    }
  }
}
