package org.tlsuplift.server.process;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/**
 * Excludes a restore from the data directory of a running daemon.
 *
 * <p>Daemons share the lock, because the old and the new one use the same directory during an
 * upgrade. A restore has it alone. The system releases the lock of a killed process.
 */
public final class DataDirectoryLock implements AutoCloseable {
  /** The lock file in the data directory. */
  public static final String NAME = "daemon.lock";

  private final FileChannel channel;

  private DataDirectoryLock(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * The lock of a daemon; empty while a restore runs.
   *
   * @throws IOException if the directory has no lock file and none can be created
   */
  public static Optional<DataDirectoryLock> ofDaemon(Path directory) throws IOException {
    return lock(directory, true);
  }

  /** The lock of a restore; empty while a daemon or another restore runs. */
  public static Optional<DataDirectoryLock> ofRestore(Path directory) throws IOException {
    return lock(directory, false);
  }

  private static Optional<DataDirectoryLock> lock(Path directory, boolean shared)
      throws IOException {
    Path file = directory.resolve(NAME);
    FileModes.prepare(file, FileModes.Readers.OWNER);
    FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
    boolean held = false;
    try {
      FileLock lock = channel.tryLock(0, Long.MAX_VALUE, shared);
      held = lock != null;
    } catch (OverlappingFileLockException inThisProcess) {
      // Tests run several daemons in one process. Its file locks belong to all of them together.
      held = shared;
    } finally {
      if (!held) {
        channel.close();
      }
    }
    return held ? Optional.of(new DataDirectoryLock(channel)) : Optional.empty();
  }

  public boolean isOpen() {
    return channel.isOpen();
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
