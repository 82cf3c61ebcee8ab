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
import java.nio.file.attribute.UserPrincipal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tlsuplift.server.process.FileModes;

/**
 * The file in the data directory that gets each audit record first. The daemon and commands write
 * to it, with or without each other: a lock on the file excludes other processes, and each record
 * is on the disk when {@link #append} returns. The daemon moves the records to where they are kept.
 * Thread-safe.
 */
public final class AuditJournal {
  private static final Logger log = LoggerFactory.getLogger(AuditJournal.class);

  /** Its name in the data directory. */
  public static final String FILE = "audit.journal";

  /** What waits while the database is unreachable; then nothing can be changed by the pages. */
  private static final long MAX_BYTES = 16 << 20;

  /** A file lock belongs to the whole process, so threads need another lock. */
  private static final ReentrantLock IN_THIS_PROCESS = new ReentrantLock();

  private final Path file;
  private final RefusedSignIns refused = new RefusedSignIns();

  /** The journal of the daemon with this data directory. */
  public AuditJournal(Path dataDirectory) {
    file = dataDirectory.resolve(FILE);
  }

  /** Gets records; they stay in the journal if it fails. */
  public interface Receiver<E extends Exception> {
    void receive(List<AuditRecord> records) throws E;
  }

  private interface Work {
    void run(FileChannel channel) throws IOException;
  }

  /**
   * Returns if a record can be written.
   *
   * @throws IOException if not; the message names the file
   */
  public void check() throws IOException {
    locked(channel -> {});
  }

  /**
   * Writes a record to the disk. Blocks.
   *
   * @throws IOException if it cannot be written; the message names the file
   */
  public void append(AuditRecord written) throws IOException {
    locked(
        channel -> {
          // The line before may have been cut by a full disk.
          ByteBuffer line =
              ByteBuffer.wrap(("\n" + written.line() + "\n").getBytes(StandardCharsets.UTF_8));
          channel.position(channel.size());
          while (line.hasRemaining()) {
            channel.write(line);
          }
          channel.force(false);
        });
  }

  /** Counts a refused sign-in. Never blocks; {@link #drain} passes on the count of each minute. */
  public void signInRefused(InetAddress from) {
    refused.add(from, Instant.now());
  }

  private void locked(Work work) throws IOException {
    IN_THIS_PROCESS.lock();
    try {
      boolean isNew = !Files.exists(file);
      try (FileChannel channel = FileModes.open(file, FileModes.Readers.OWNER);
          FileLock lock = channel.lock()) {
        assert lock.isValid();
        if (isNew) {
          giveToOwnerOfDirectory();
        }
        if (channel.size() > MAX_BYTES) {
          throw new IOException("it is full, because the daemon could not pass on its records");
        }
        work.run(channel);
      }
    } catch (IOException failed) {
      throw new IOException(file + " cannot be written: " + failed.getMessage(), failed);
    } finally {
      IN_THIS_PROCESS.unlock();
    }
  }

  /** Root may run a command before the daemon, which has another user, writes its first record. */
  private void giveToOwnerOfDirectory() throws IOException {
    UserPrincipal owner = Files.getOwner(file.toAbsolutePath().getParent());
    if (!owner.equals(Files.getOwner(file, LinkOption.NOFOLLOW_LINKS))) {
      Files.setOwner(file, owner);
    }
  }

  /**
   * Passes on the records, and empties the journal if the receiver does not fail. Blocks.
   *
   * @throws IOException if the journal cannot be read
   * @throws E that of the receiver
   */
  public <E extends Exception> void drain(Receiver<E> receiver) throws IOException, E {
    for (AuditRecord each : refused.take(Instant.now())) {
      append(each);
    }
    IN_THIS_PROCESS.lock();
    try {
      if (!Files.exists(file) || Files.size(file) == 0) {
        return;
      }
      try (FileChannel channel =
              FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
          FileLock lock = channel.lock()) {
        assert lock.isValid();
        byte[] content = Channels.newInputStream(channel).readAllBytes();
        receiver.receive(records(new String(content, StandardCharsets.UTF_8)));
        channel.truncate(0);
      }
    } finally {
      IN_THIS_PROCESS.unlock();
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
