package org.tlsuplift.server.process;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.tlsuplift.proxy.outcome.OperatorException;

/** Reads a whole file up to a maximum size. */
public final class KeyFileContent {
  private static final int MAX_SIZE = 1 << 20;

  private KeyFileContent() {}

  /** Reads a file of up to 1 MiB. */
  public static byte[] of(Path file) throws OperatorException {
    try (InputStream content = Files.newInputStream(file)) {
      byte[] bytes = content.readNBytes(MAX_SIZE + 1);
      if (bytes.length > MAX_SIZE) {
        throw new OperatorException(
            file + " is larger than 1 MiB, so it is not a key or certificate file; check the path");
      }
      return bytes;
    } catch (IOException failed) {
      throw OperatorException.of("read", file, failed);
    }
  }
}
