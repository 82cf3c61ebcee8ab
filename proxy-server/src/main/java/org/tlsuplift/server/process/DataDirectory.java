package org.tlsuplift.server.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tlsuplift.proxy.outcome.OperatorException;

/** Creates the data directory for this user only. It does not change an existing directory. */
public final class DataDirectory {
  private static final Logger log = LoggerFactory.getLogger(DataDirectory.class);

  private DataDirectory() {}

  /** A directory, or else the parent of it that exists; absolute. */
  public static Path existing(Path directory) {
    Path found = directory.toAbsolutePath();
    while (!Files.exists(found) && found.getParent() != null) {
      found = found.getParent();
    }
    return found;
  }

  /**
   * @throws OperatorException if it cannot be created
   */
  public static void prepare(Path directory) throws OperatorException {
    if (Files.isDirectory(directory)) {
      return;
    }
    try {
      FileModes.directory(directory, FileModes.Readers.OWNER);
    } catch (IOException failed) {
      if (FullDisk.isCauseOf(failed)) {
        throw FullDisk.at(directory, failed);
      }
      throw new OperatorException(
          "dataDirectory: '%s' cannot be created (%s); create it for the user that runs TLS Uplift, or set another directory"
              .formatted(directory, failed),
          failed);
    }
  }

  /**
   * Creates the directory if it is missing, and excludes restores from it until the resources are
   * closed.
   *
   * @throws OperatorException if it cannot be created, while a restore runs, or after one was
   *     killed
   */
  public static void use(Path directory, OpenedResources opened) throws OperatorException {
    prepare(directory);
    Optional<DataDirectoryLock> lock;
    try {
      lock = DataDirectoryLock.ofDaemon(directory);
    } catch (IOException readOnly) {
      log.info(
          "{}: a restore cannot see that this daemon runs ({})", directory, readOnly.toString());
      return;
    }
    if (lock.isEmpty()) {
      throw new OperatorException(
          "dataDirectory: a restore to '"
              + directory
              + "' is running; start again when it has ended",
          null);
    }
    DataDirectoryLock held = lock.get();
    opened.add(
        () -> {
          try {
            held.close();
          } catch (IOException failed) {
            log.debug("the lock of {} was not released", directory, failed);
          }
        });
    UnfinishedRestore.refuse(directory);
  }
}
