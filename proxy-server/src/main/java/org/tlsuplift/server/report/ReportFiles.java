package org.tlsuplift.server.report;

import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Files that come to be together: written under other names, for this user alone, and renamed when
 * all are complete.
 */
final class ReportFiles implements AutoCloseable {
  private final Path directory;
  private final boolean replace;
  private final Map<String, Path> unfinished = new LinkedHashMap<>();

  private ReportFiles(Path directory, boolean replace) {
    this.directory = directory;
    this.replace = replace;
  }

  /**
   * Files in a directory, which is made if it is missing.
   *
   * @throws IOException when one is there and may not be replaced
   */
  static ReportFiles in(Path directory, List<String> names, boolean replace) throws IOException {
    try {
      Files.createDirectories(directory);
    } catch (IOException failed) {
      throw new IOException(directory + " cannot be made: " + failed, failed);
    }
    for (String name : names) {
      if (!replace && Files.exists(directory.resolve(name))) {
        throw isThere(directory.resolve(name));
      }
    }
    return new ReportFiles(directory, replace);
  }

  private static IOException isThere(Path file) {
    return new IOException(file + " is there already");
  }

  /** Opens one of them. */
  Writer open(String name) throws IOException {
    // The JDK makes it for its owner alone, from the first moment on.
    Path file = Files.createTempFile(directory, name + ".", ".part");
    unfinished.put(name, file);
    return Files.newBufferedWriter(file, StandardCharsets.UTF_8);
  }

  /** Gives all of them their names. */
  void keep() throws IOException {
    for (Map.Entry<String, Path> each : List.copyOf(unfinished.entrySet())) {
      Path file = directory.resolve(each.getKey());
      if (replace) {
        Files.move(each.getValue(), file, StandardCopyOption.REPLACE_EXISTING);
      } else {
        try {
          Files.move(each.getValue(), file);
        } catch (FileAlreadyExistsException another) {
          throw isThere(file);
        }
      }
      unfinished.remove(each.getKey());
    }
  }

  /** Removes what was not kept. */
  @Override
  public void close() throws IOException {
    for (Path file : unfinished.values()) {
      Files.deleteIfExists(file);
    }
  }
}
