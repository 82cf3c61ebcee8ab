package org.tlsuplift.server.it.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.tlsuplift.proxy.testing.Peer;

/** The packages that {@code mvn -Pdist} makes. */
public final class Packages {
  private static final Path DIRECTORY = Daemon.jar().resolveSibling("dist");

  private Packages() {}

  /** The directory with all of them. */
  public static Path directory() {
    return Files.isRegularFile(DIRECTORY.resolve("SHA256SUMS"))
        ? DIRECTORY
        : Path.of(Peer.missing("target/dist", "run mvn -Pdist -DskipTests package"));
  }

  /** The one whose name ends so. */
  public static Path ending(String end) {
    List<Path> found = list(directory()).filter(each -> each.toString().endsWith(end)).toList();
    if (found.size() != 1) {
      throw new AssertionError("expected one file *" + end + ", got " + found);
    }
    return found.get(0);
  }

  private static Stream<Path> list(Path directory) {
    try (Stream<Path> files = Files.list(directory)) {
      return files.toList().stream();
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }
}
