package org.tlsuplift.server.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/**
 * A directory for this user alone that is gone in the end.
 *
 * @param path where it is
 */
record TemporaryDirectory(Path path) implements AutoCloseable {
  /** Makes one; Java gives it mode 0700. */
  static TemporaryDirectory create() throws IOException {
    return new TemporaryDirectory(Files.createTempDirectory("tls-uplift-demo-"));
  }

  @Override
  public void close() throws IOException {
    try (Stream<Path> content = Files.walk(path)) {
      for (Path each : content.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(each);
      }
    }
  }
}
