package org.tlsuplift.server.process;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.outcome.OperatorException;

/**
 * Excludes other threads and processes from files that belong together, so that readers see a
 * complete pair of key and certificate. Waits for half a minute at most, because the owner of the
 * file may keep the lock without end.
 */
public final class LockFile {
  /** The lock of the pairs of applications, in their directory. */
  public static final String APPLICATION = "application.lock";

  public static final Duration LONGEST_WAIT = Duration.ofSeconds(30);
  private static final Duration POLL = Duration.ofMillis(20);

  /** A file lock belongs to the whole process (FileLock), so threads need another lock. */
  private static final ReentrantLock IN_THIS_PROCESS = new ReentrantLock();

  private final Path file;
  private final Duration longestWait;

  public LockFile(Path file) {
    this(file, LONGEST_WAIT);
  }

  public LockFile(Path file, Duration longestWait) {
    this.file = file;
    this.longestWait = longestWait;
  }

  /** What nobody may disturb. */
  public interface Work<T, X extends Exception> {
    T run() throws IOException, OperatorException, X;
  }

  /**
   * Waits for all readers and writers.
   *
   * @throws OperatorException also if the lock is not free in time
   */
  public <T, X extends Exception> T exclusively(Work<T, X> work)
      throws IOException, OperatorException, X {
    FileModes.prepare(file, FileModes.Readers.OWNER);
    return locked(false, work);
  }

  /**
   * Waits for writers. A directory without a lock file was not made by this program (such as a
   * mounted secret, possibly read-only), and is read without a lock.
   *
   * @throws OperatorException also if the lock is not free in time
   */
  public <T, X extends Exception> T shared(Work<T, X> work)
      throws IOException, OperatorException, X {
    return Files.isReadable(file) ? locked(true, work) : work.run();
  }

  private <T, X extends Exception> T locked(boolean shared, Work<T, X> work)
      throws IOException, OperatorException, X {
    if (!Files.isRegularFile(file)) {
      throw new OperatorException("delete " + file + ": it is not a regular file");
    }
    IN_THIS_PROCESS.lock();
    // Opened for both, a pipe that appears meanwhile does not block (Linux: fifo(7)).
    try (FileChannel channel =
            FileChannel.open(
                file,
                Files.isWritable(file)
                    ? Set.<OpenOption>of(StandardOpenOption.READ, StandardOpenOption.WRITE)
                    : Set.of(StandardOpenOption.READ));
        FileLock lock = lock(channel, shared)) {
      assert lock.isValid();
      return work.run();
    } finally {
      IN_THIS_PROCESS.unlock();
    }
  }

  /**
   * Waits for the lock of an open file.
   *
   * @throws OperatorException if it is not free in time
   */
  public FileLock lock(FileChannel channel, boolean shared) throws IOException, OperatorException {
    long start = System.nanoTime();
    while (System.nanoTime() - start <= longestWait.toNanos()) {
      @Nullable FileLock lock = channel.tryLock(0, Long.MAX_VALUE, shared);
      if (lock != null) {
        return lock;
      }
      LockSupport.parkNanos(POLL.toNanos());
    }
    throw new OperatorException(
        "run it again: another program has had the lock %s for %d s; end that program if it hangs"
            .formatted(file, longestWait.toSeconds()));
  }
}
