package org.tlsuplift.server.accesslog;

import ch.qos.logback.core.ContextBase;
import ch.qos.logback.core.encoder.EncoderBase;
import ch.qos.logback.core.rolling.RollingFileAppender;
import ch.qos.logback.core.status.Status;
import ch.qos.logback.core.util.FileSize;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tlsuplift.proxy.keyfile.FileModes;

/**
 * A file that Logback rotates each day and when it is too large.
 *
 * <p>Rotated files are called {@code access.2026-11-24.0.log.gz}. All have mode 0640, independent
 * of the umask, because they show which device used which origin and who sent mail to whom. For one
 * thread.
 */
final class RotatedFile implements LineSink {
  private static final Logger log = LoggerFactory.getLogger(RotatedFile.class);

  private static final int COMPRESSION_SECONDS = 2;

  private final Path file;
  private final ContextBase context = new ContextBase();
  private final LongAdder lost = new LongAdder();
  private final LineFormat format;
  private final RollingFileAppender<byte[]> appender = new CountingAppender();

  /**
   * Opens the file for appending.
   *
   * @throws IOException when it cannot be opened
   */
  RotatedFile(AccessLogSettings settings, LineFormat format) throws IOException {
    file = settings.file().toAbsolutePath().normalize();
    this.format = format;
    context.getStatusManager().add(status -> tell(file, status));
    context.start();
    Encoder encoder = new Encoder();
    encoder.setContext(context);
    encoder.start();
    appender.setContext(context);
    appender.setName("access log");
    appender.setFile(file.toString());
    appender.setEncoder(encoder);
    // AccessLog flushes when no session waits.
    appender.setImmediateFlush(false);
    PrivateRotation policy = new PrivateRotation(new RotatedNames(file));
    policy.setContext(context);
    policy.setParent(appender);
    policy.setMaxFileSize(new FileSize(settings.maxFileSize()));
    policy.setMaxHistory(settings.keepDays());
    policy.setTotalSizeCap(new FileSize(settings.maxTotalSize()));
    policy.start();
    appender.setRollingPolicy(policy);
    appender.start();
    if (!appender.isStarted()) {
      close();
      throw new IOException(file + " cannot be opened for writing");
    }
  }

  @Override
  public void write(LogEntry entry) {
    appender.doAppend(format.line(entry));
  }

  /**
   * Opens the file again if that failed when it was rotated, and creates it again after somebody
   * moved or removed it. Otherwise lines would go to a file that no longer has this name.
   *
   * @throws IOException when it cannot be opened
   */
  @Override
  public void prepare() throws IOException {
    if (appender.getOutputStream() == null || Files.notExists(file)) {
      appender.openFile(file.toString());
    }
  }

  /** The number of lines that were not written because the disk is full or fails; thread-safe. */
  @Override
  public long lost() {
    return lost.sum();
  }

  /** Passes the buffered lines to the operating system. */
  @Override
  public void flush() throws IOException {
    OutputStream open = appender.getOutputStream();
    if (open != null) {
      open.flush();
    }
  }

  @Override
  public String remedy() {
    return "check the disk of the access log";
  }

  @Override
  public void close() {
    appender.stop();
    // The appender waits for the latest file that it has compressed, but not for those before.
    ExecutorService compressions = context.getExecutorService();
    compressions.shutdown();
    try {
      var unused = compressions.awaitTermination(COMPRESSION_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
    context.stop();
  }

  /** Leaves lines as they are. */
  private static final class Encoder extends EncoderBase<byte[]> {
    private static final byte[] NOTHING = {};

    @Override
    public byte[] encode(byte[] line) {
      return line;
    }

    @Override
    public byte[] headerBytes() {
      return NOTHING;
    }

    @Override
    public byte[] footerBytes() {
      return NOTHING;
    }
  }

  /** Logback's appender, which counts the lines that are not written. */
  private final class CountingAppender extends RollingFileAppender<byte[]> {
    /** Logback would report the failure, but not that a line is missing. */
    @Override
    protected void append(byte[] line) {
      try {
        super.append(line);
      } catch (RuntimeException failed) {
        lost(failed, 1);
      }
    }

    @Override
    public void openFile(String name) throws IOException {
      Path path = Path.of(name);
      Path directory = path.getParent();
      if (directory != null) {
        FileModes.directory(directory, FileModes.Readers.GROUP);
      }
      FileModes.prepare(path, FileModes.Readers.GROUP);
      FileChannel channel =
          FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
      setOutputStream(new LineFile(channel, endsWithinLine(path), this::lost));
    }

    private static boolean endsWithinLine(Path path) throws IOException {
      if (!Files.isRegularFile(path)) {
        return false;
      }
      try (FileChannel content = FileChannel.open(path, StandardOpenOption.READ)) {
        ByteBuffer last = ByteBuffer.allocate(1);
        return content.size() > 0
            && content.read(last, content.size() - 1) == 1
            && last.get(0) != '\n';
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
  }

  private static void tell(Path file, Status status) {
    if (status.getEffectiveLevel() >= Status.WARN) {
      log.atWarn()
          .addKeyValue("detail", status.getMessage())
          .addKeyValue("remedy", "check the disk and the permissions of the folder")
          .addKeyValue("file", file)
          .addKeyValue("cause", String.valueOf(status.getThrowable()))
          .log("access log: rotation reported a problem");
    }
  }
}
