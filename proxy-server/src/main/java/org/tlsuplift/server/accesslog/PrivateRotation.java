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
import java.util.zip.GZIPOutputStream;
import org.tlsuplift.proxy.keyfile.FileModes;
import org.tlsuplift.proxy.model.SessionSummary;

/**
 * Rotates as its parent does, except that compressed files have mode 0640 from the start. The
 * parent would use the umask.
 */
final class PrivateRotation extends SizeAndTimeBasedRollingPolicy<SessionSummary> {
  @Override
  public void rollover() throws RolloverFailure {
    var naming = getTimeBasedFileNamingAndTriggeringPolicy();
    Path archive = Path.of(naming.getElapsedPeriodsFileName());
    Path full = archive.resolveSibling(archive.getFileName() + "." + System.nanoTime() + ".tmp");
    try {
      Files.move(Path.of(getParentsRawFileProperty()), full);
    } catch (IOException failed) {
      throw new RolloverFailure("cannot rename to " + full, failed);
    }
    var unused =
        getContext()
            .getExecutorService()
            .submit(() -> compress(full, archive.resolveSibling(archive.getFileName() + ".gz")));
    unused =
        naming
            .getArchiveRemover()
            .cleanAsynchronously(Instant.ofEpochMilli(naming.getCurrentTime()));
  }

  private void compress(Path full, Path archive) {
    try (InputStream content = Files.newInputStream(full);
        OutputStream compressed =
            new GZIPOutputStream(
                Channels.newOutputStream(FileModes.create(archive, FileModes.Readers.GROUP)))) {
      content.transferTo(compressed);
    } catch (IOException failed) {
      addWarn("cannot compress " + full + " to " + archive + "; it stays as it is", failed);
      return;
    }
    try {
      Files.delete(full);
    } catch (IOException failed) {
      addWarn("cannot delete " + full + ", which is in " + archive, failed);
    }
  }
}
