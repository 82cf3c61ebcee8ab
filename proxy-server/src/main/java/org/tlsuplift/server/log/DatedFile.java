package org.tlsuplift.server.log;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tlsuplift.server.background.Threads;
import org.tlsuplift.server.process.FileModes;

/**
 * A file that is rotated each day and when it is too large.
 *
 * <p>Rotated files are called {@code access.2026-11-24.0.log.gz}. All have mode 0640, independent
 * of the umask, because they show which device used which origin and who sent mail to whom. Another
 * thread compresses them, and deletes those that are too old or too many. For one thread.
 */
final class DatedFile implements LineSink {
  private static final Duration TIDYING = Duration.ofSeconds(2);

  /** After a rotation that failed, for example because the disk is full. */
  private static final Duration PAUSE = Duration.ofMinutes(1);

  private static final Logger log = LoggerFactory.getLogger(DatedFile.class);

  private final AccessLogSettings settings;
  private final Path file;
  private final Path directory;
  private final DatedNames names;
  private final LineFormat format;
  private final Clock clock;
  private final LongAdder lost = new LongAdder();
  private final ExecutorService tidying = Threads.upTo(1, "uplift-access-log-files");
  private @Nullable LineFile open;
  private boolean isRegular;
  private long size;
  private LocalDate day = LocalDate.MIN;
  private Instant nextDay = Instant.MIN;
  private Instant nextRotation = Instant.MIN;

  /**
   * Opens the file for appending, and compresses what a previous run has not, because it was killed
   * or the disk was slow.
   *
   * @param clock its zone decides when a day ends
   * @throws IOException when it cannot be opened; the message names it
   */
  DatedFile(AccessLogSettings settings, LineFormat format, Clock clock) throws IOException {
    this.settings = settings;
    this.file = settings.file().toAbsolutePath().normalize();
    this.directory = Objects.requireNonNull(file.getParent(), "a file is in a directory");
    this.names = new DatedNames(directory, String.valueOf(file.getFileName()));
    this.format = format;
    this.clock = clock;
    try {
      open();
    } catch (IOException failed) {
      throw new IOException(file + " cannot be opened for writing", failed);
    }
    tidy();
  }

  @Override
  public void write(LogEntry entry) {
    byte[] line = format.line(entry);
    Instant now = clock.instant();
    if (size == 0) {
      date(now);
    } else if (open != null && isDue(now)) {
      rotate(now);
    }
    if (open == null) {
      lost(new IOException("the file is not open"), 1);
    } else {
      open.write(line);
      size += line.length;
    }
  }

  private boolean isDue(Instant now) {
    return isRegular
        && !now.isBefore(nextRotation)
        && (!now.isBefore(nextDay) || size >= settings.maxFileSize());
  }

  private void rotate(Instant now) {
    LocalDate full = day;
    try {
      closeFile();
      Files.move(file, names.waiting(full));
    } catch (IOException failed) {
      nextRotation = now.plus(PAUSE);
      problem("cannot rotate the file", failed);
    }
    try {
      open();
    } catch (IOException failed) {
      problem("cannot open the file", failed);
    }
    tidying.execute(this::tidy);
  }

  /**
   * Opens the file again if that failed when it was rotated, and creates it again after somebody
   * moved or removed it. Otherwise lines would go to a file that no longer has this name.
   *
   * @throws IOException when it cannot be opened
   */
  @Override
  public void prepare() throws IOException {
    if (open == null || Files.notExists(file)) {
      closeFile();
      open();
    }
  }

  private void open() throws IOException {
    FileModes.directory(directory, FileModes.Readers.GROUP);
    FileModes.prepare(file, FileModes.Readers.GROUP);
    // A pipe is never rotated.
    isRegular = Files.isRegularFile(file);
    size = isRegular ? Files.size(file) : 0;
    date(size == 0 ? clock.instant() : Files.getLastModifiedTime(file).toInstant());
    FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    open = new LineFile(channel, size > 0 && endsWithinLine(), this::lost);
  }

  /** Sets the day of the lines. */
  private void date(Instant time) {
    day = LocalDate.ofInstant(time, clock.getZone());
    nextDay = day.plusDays(1).atStartOfDay(clock.getZone()).toInstant();
  }

  private boolean endsWithinLine() throws IOException {
    try (FileChannel content = FileChannel.open(file, StandardOpenOption.READ)) {
      ByteBuffer last = ByteBuffer.allocate(1);
      return content.read(last, size - 1) == 1 && last.get(0) != '\n';
    }
  }

  private void closeFile() throws IOException {
    LineFile before = open;
    open = null;
    if (before != null) {
      before.close();
    }
  }

  /** Passes the buffered lines to the operating system. */
  @Override
  public void flush() {
    if (open != null) {
      open.flush();
    }
  }

  /** Compresses the files that wait for it, and deletes those that are too old or too many. */
  private void tidy() {
    try {
      names.all().stream().filter(each -> !each.isCompressed()).forEach(this::compress);
      String first = LocalDate.now(clock).minusDays(settings.keepDays()).toString();
      List<DatedNames.Dated> newestFirst = new ArrayList<>(names.all());
      Collections.reverse(newestFirst);
      newestFirst.removeIf(each -> !each.isCompressed());
      long total = 0;
      for (DatedNames.Dated each : newestFirst) {
        total += Files.size(each.path());
        if (each.day().compareTo(first) < 0 || total > settings.maxTotalSize()) {
          Files.delete(each.path());
        }
      }
    } catch (IOException | UncheckedIOException failed) {
      problem("cannot delete old files", failed);
    }
  }

  private void compress(DatedNames.Dated waiting) {
    Path full = waiting.path();
    Path part = full.resolveSibling(full.getFileName() + ".part");
    try {
      Files.deleteIfExists(part);
      try (InputStream content = Files.newInputStream(full);
          OutputStream compressed =
              new GZIPOutputStream(
                  Channels.newOutputStream(FileModes.create(part, FileModes.Readers.GROUP)))) {
        content.transferTo(compressed);
      }
      // A file with the final name is always complete.
      Files.move(part, names.compressed(waiting));
      Files.delete(full);
    } catch (IOException failed) {
      problem("cannot compress " + full + "; the next rotation or start tries again", failed);
    }
  }

  private void lost(Exception why, int lines) {
    lost.add(lines);
    log.atError()
        .addKeyValue("remedy", "check the disk and its free space; writing then continues")
        .addKeyValue("detail", String.valueOf(why.getMessage()))
        .addKeyValue("file", file)
        .addKeyValue("lines", lines)
        .log("access log: lines are lost");
  }

  private void problem(String detail, Exception cause) {
    log.atWarn()
        .addKeyValue("detail", detail)
        .addKeyValue("remedy", "check the disk and the permissions of the folder")
        .addKeyValue("file", file)
        .addKeyValue("cause", cause)
        .log("access log: rotation reported a problem");
  }

  /** The number of lines that were not written because the disk is full or fails; thread-safe. */
  @Override
  public long lost() {
    return lost.sum();
  }

  @Override
  public String remedy() {
    return "check the disk of the access log";
  }

  @Override
  public void close() {
    tidying.shutdown();
    try {
      closeFile();
      var unused = tidying.awaitTermination(TIDYING.toMillis(), TimeUnit.MILLISECONDS);
    } catch (IOException failed) {
      problem("cannot close the file", failed);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
