package org.tlsuplift.server.accesslog;

import ch.qos.logback.core.rolling.RolloverFailure;
import ch.qos.logback.core.rolling.SizeAndTimeBasedRollingPolicy;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.concurrent.ExecutionException;
import java.util.zip.GZIPOutputStream;
import org.tlsuplift.proxy.keyfile.FileModes;

/**
 * Rotates as its parent does, with three differences. Compressed files have mode 0640 from the
 * start; the parent would use the umask. Files that a previous run has not compressed, because it
 * was killed or the disk was slow, are compressed at the start. And each deletion of old files ends
 * before anything else begins: the parent deletes on several threads, which share a calendar, and
 * two at once delete files of the wrong day.
 */
final class PrivateRotation extends SizeAndTimeBasedRollingPolicy<byte[]> {
  private final RotatedNames names;

  PrivateRotation(RotatedNames names) {
    this.names = names;
    setFileNamePattern(names.logbackPattern());
  }

  @Override
  public void start() {
    // First, because the parent counts the compressed files to find its next number.
    try {
      names.uncompressed().forEach(this::compress);
    } catch (IOException failed) {
      addWarn("cannot look for files of previous runs", failed);
    }
    super.start();
    if (isStarted()) {
      deleteOld();
    }
  }

  @Override
  public void rollover() throws RolloverFailure {
    var naming = getTimeBasedFileNamingAndTriggeringPolicy();
    Path full = RotatedNames.uncompressed(naming.getElapsedPeriodsFileName());
    try {
      Files.move(Path.of(getParentsRawFileProperty()), full);
    } catch (IOException failed) {
      throw new RolloverFailure("cannot rename to " + full, failed);
    }
    var unused = getContext().getExecutorService().submit(() -> compress(full));
    deleteOld();
  }

  private void deleteOld() {
    var naming = getTimeBasedFileNamingAndTriggeringPolicy();
    Instant now = Instant.ofEpochMilli(naming.getCurrentTime());
    try {
      var unused = naming.getArchiveRemover().cleanAsynchronously(now).get();
    } catch (ExecutionException failed) {
      addWarn("cannot delete old files", failed);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void compress(Path full) {
    Path part = full.resolveSibling(full.getFileName() + ".part");
    try {
      Files.deleteIfExists(part);
      try (InputStream content = Files.newInputStream(full);
          OutputStream compressed =
              new GZIPOutputStream(
                  Channels.newOutputStream(FileModes.create(part, FileModes.Readers.GROUP)))) {
        content.transferTo(compressed);
      }
      // A file with the final name is always complete. Compressions may run at the same time.
      synchronized (names) {
        Files.move(part, names.compressed(full));
      }
      Files.delete(full);
    } catch (IOException failed) {
      addWarn("cannot compress " + full + "; the next start tries again", failed);
    }
  }
}
