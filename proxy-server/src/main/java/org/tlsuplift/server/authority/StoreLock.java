package org.tlsuplift.server.authority;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.locks.ReentrantLock;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.server.process.FileModes;

/**
 * Excludes other threads and processes from a CA directory, so that readers see a complete pair of
 * key and certificate.
 */
final class StoreLock {
  static final String NAME = "ca.lock";

  /** A file lock belongs to the whole process (FileLock), so threads need another lock. */
  private static final ReentrantLock IN_THIS_PROCESS = new ReentrantLock();

  private final Path file;

  StoreLock(Path directory) {
    this.file = directory.resolve(NAME);
  }

  interface Work<T> {
    T run() throws IOException, OperatorException;
  }

  /** Waits for all readers and writers. */
  <T> T exclusively(Work<T> work) throws IOException, OperatorException {
    IN_THIS_PROCESS.lock();
    try (FileChannel channel = FileModes.open(file, FileModes.Readers.OWNER);
        FileLock lock = channel.lock()) {
      assert lock.isValid();
      return work.run();
    } finally {
      IN_THIS_PROCESS.unlock();
    }
  }

  /**
   * Waits for writers. A directory without a lock file was not made by this program (such as a
   * mounted secret, possibly read-only), and is read without a lock.
   */
  <T> T shared(Work<T> work) throws IOException, OperatorException {
    if (!Files.isReadable(file)) {
      return work.run();
    }
    IN_THIS_PROCESS.lock();
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
        FileLock lock = channel.lock(0, Long.MAX_VALUE, true)) {
      assert lock.isValid();
      return work.run();
    } finally {
      IN_THIS_PROCESS.unlock();
    }
  }
}
