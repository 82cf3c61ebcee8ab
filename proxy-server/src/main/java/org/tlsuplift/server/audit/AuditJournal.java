package org.tlsuplift.server.audit;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.server.audit.AuditRecord.Actor;
import org.tlsuplift.server.audit.AuditRecord.Via;
import org.tlsuplift.server.feature.Change;
import org.tlsuplift.server.process.FileModes;
import org.tlsuplift.server.process.LockFile;

/**
 * The file in the data directory that gets each audit record first. The daemon and commands write
 * to it, with or without each other: a lock on the file excludes other processes, and each record
 * is on the disk when {@link #append} returns. The daemon moves the records to where they are kept.
 * Thread-safe.
 */
public final class AuditJournal implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(AuditJournal.class);

  /** Its name in the data directory. */
  public static final String FILE = "audit.journal";

  /** What waits while the database is unreachable; then nothing can be changed by the pages. */
  private static final long MAX_BYTES = 16 << 20;

  /** What {@link #check()} finds on the disk. */
  private static final int ROOM = 1 << 20;

  /** At most, of the person, the action and the address in one record. */
  private static final int ACTOR = 4096;

  /** A file lock belongs to the whole process, so threads need another lock. */
  private static final ReentrantLock IN_THIS_PROCESS = new ReentrantLock();

  private final Path file;
  private final LockFile lockFile;
  private final RefusedSignIns refused = new RefusedSignIns();
  private final AtomicLong missing = new AtomicLong();

  /** The journal of the daemon with this data directory. */
  public AuditJournal(Path dataDirectory) {
    this(dataDirectory, LockFile.LONGEST_WAIT);
  }

  AuditJournal(Path dataDirectory, Duration longestWait) {
    file = dataDirectory.resolve(FILE);
    lockFile = new LockFile(file, longestWait);
  }

  /** Gets records; they stay in the journal if it fails. */
  public interface Receiver<E extends Exception> {
    void receive(List<AuditRecord> records) throws E;
  }

  private interface Work<T> {
    T run(FileChannel channel) throws IOException;
  }

  /**
   * Returns if records can be written: the disk has room for them.
   *
   * @throws IOException if not; the message names the file
   */
  public void check() throws IOException {
    check(ROOM);
  }

  /**
   * Returns if there is also room for the records of these changes, of which a large import has
   * more than {@link #check()} finds.
   *
   * @throws IOException if not; the message names the file
   */
  public void check(List<Change> changes) throws IOException {
    check(room(changes));
  }

  /** The bytes of the records of these changes, at most. */
  static int room(List<Change> changes) {
    Actor nobody = new Actor("", "", "", "", Via.PAGES);
    return lines(AuditRecord.of(Instant.EPOCH, nobody, "", changes)).length()
        + changes.size() * ACTOR;
  }

  private void check(int bytes) throws IOException {
    var unused =
        locked(
            channel -> {
              long size = channel.size();
              write(channel, "\n".repeat(bytes), false);
              return channel.truncate(size);
            });
  }

  /**
   * Writes records to the disk: all or, if that fails, none. Blocks.
   *
   * @throws IOException if they cannot be written; the message names the file
   */
  public void append(List<AuditRecord> together) throws IOException {
    String lines = lines(together);
    var unused =
        locked(
            channel -> {
              write(channel, lines, true);
              return channel;
            });
  }

  private static String lines(List<AuditRecord> records) {
    // The line before may have been cut by a crash.
    return records.stream().map(AuditRecord::line).collect(Collectors.joining("\n", "\n", "\n"));
  }

  /** Counts an action that happened and whose record could not be written. */
  public void missed() {
    missing.incrementAndGet();
  }

  /** The actions since the start whose records are missing. */
  public long missing() {
    return missing.get();
  }

  /** Writes one record, as {@link #append(List)} does. */
  public void append(AuditRecord written) throws IOException {
    append(List.of(written));
  }

  private static void write(FileChannel channel, String lines, boolean toDisk) throws IOException {
    long size = channel.size();
    if (size > MAX_BYTES) {
      throw new IOException("it is full, because the daemon could not pass on its records");
    }
    try {
      ByteBuffer left = ByteBuffer.wrap(lines.getBytes(StandardCharsets.UTF_8));
      channel.position(size);
      while (left.hasRemaining()) {
        channel.write(left);
      }
      if (toDisk) {
        channel.force(false);
      }
    } catch (IOException failed) {
      channel.truncate(size);
      throw failed;
    }
  }

  /** Counts a refused sign-in. Never blocks; {@link #drain} passes on the count of each minute. */
  public void signInRefused(InetAddress from) {
    refused.add(from, Instant.now());
  }

  private void writeRefused(Instant until) throws IOException {
    List<AuditRecord> minutes = refused.ended(until);
    if (!minutes.isEmpty()) {
      append(minutes);
      refused.written(minutes);
    }
  }

  private <T> T locked(Work<T> work) throws IOException {
    IN_THIS_PROCESS.lock();
    try {
      FileModes.prepare(file, FileModes.Readers.OWNER);
      try (FileChannel channel =
              FileChannel.open(
                  file,
                  StandardOpenOption.READ,
                  StandardOpenOption.WRITE,
                  LinkOption.NOFOLLOW_LINKS);
          FileLock lock = lockFile.lock(channel, false)) {
        assert lock.isValid();
        return work.run(channel);
      }
    } catch (IOException | OperatorException failed) {
      throw new IOException(file + " cannot be written: " + failed.getMessage(), failed);
    } finally {
      IN_THIS_PROCESS.unlock();
    }
  }

  /**
   * Passes on the records, and empties the journal if the receiver does not fail and nothing was
   * written meanwhile. Otherwise the next call passes on the same records again, and those after
   * them. Blocks, but not the writers.
   *
   * @return whether the journal was emptied
   * @throws IOException if the journal cannot be read
   * @throws E that of the receiver
   */
  public <E extends Exception> boolean drain(Receiver<E> receiver) throws IOException, E {
    boolean emptied = true;
    if (Files.exists(file) && Files.size(file) > 0) {
      byte[] content = locked(channel -> Channels.newInputStream(channel).readAllBytes());
      receiver.receive(records(new String(content, StandardCharsets.UTF_8)));
      emptied =
          locked(
              channel -> {
                if (channel.size() != content.length) {
                  return false;
                }
                channel.truncate(0);
                return true;
              });
    }
    writeRefused(Instant.now());
    return emptied;
  }

  /** Writes the refused sign-ins of the last minute. */
  @Override
  public void close() {
    try {
      writeRefused(Instant.MAX);
    } catch (IOException failed) {
      log.error("the last refused sign-ins are missing: {}", failed.getMessage());
    }
  }

  private List<AuditRecord> records(String content) {
    List<AuditRecord> records = new ArrayList<>();
    for (String line : content.lines().filter(each -> !each.isEmpty()).toList()) {
      try {
        records.add(AuditRecord.parse(line));
      } catch (IllegalArgumentException torn) {
        log.warn("{}: a line is no record and is skipped: {}", file, torn.getMessage());
      }
    }
    return records;
  }
}
