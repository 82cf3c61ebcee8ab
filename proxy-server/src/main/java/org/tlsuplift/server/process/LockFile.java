package org.tlsuplift.server.process;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.locks.ReentrantLock;
import org.tlsuplift.proxy.outcome.OperatorException;

/**
 * Excludes other threads and processes from files that belong together, so that readers see a
 * complete pair of key and certificate.
 */
public final class LockFile {
  /** A file lock belongs to the whole process (FileLock), so threads need another lock. */
  private static final ReentrantLock IN_THIS_PROCESS = new ReentrantLock();

  private final Path file;

  public LockFile(Path file) {
    this.file = file;
  }

  /** What nobody may disturb. */
  public interface Work<T> {
    T run() throws IOException, OperatorException;
  }

  /** Waits for all readers and writers. */
  public <T> T exclusively(Work<T> work) throws IOException, OperatorException {
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
  public <T> T shared(Work<T> work) throws IOException, OperatorException {
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
