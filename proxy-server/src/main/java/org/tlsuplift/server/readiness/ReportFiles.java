package org.tlsuplift.server.readiness;

import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tlsuplift.server.process.FileModes;

/**
 * Writes several files, all or none: under temporary names that only this user can read, and
 * renames them when all are complete. If one cannot be renamed, the previous files are restored.
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
   * Creates the directory if it is missing.
   *
   * @throws IOException if a file exists and may not be replaced
   */
  static ReportFiles in(Path directory, List<String> names, boolean replace) throws IOException {
    try {
      FileModes.directory(directory, FileModes.Readers.OWNER);
    } catch (FileAlreadyExistsException file) {
      throw new IOException(directory + " is not a directory", file);
    } catch (IOException failed) {
      throw new IOException(directory + " cannot be created: " + failed, failed);
    }
    for (String name : names) {
      if (!replace && Files.exists(directory.resolve(name))) {
        throw isThere(directory.resolve(name));
      }
    }
    return new ReportFiles(directory, replace);
  }

  private static IOException isThere(Path file) {
    return new IOException(file + " exists already");
  }

  Writer open(String name) throws IOException {
    // The JDK creates it with access for its owner only.
    Path file = Files.createTempFile(directory, name + ".", ".part");
    unfinished.put(name, file);
    return Files.newBufferedWriter(file, StandardCharsets.UTF_8);
  }

  /**
   * Renames all files to their final names.
   *
   * @throws IOException if a file cannot be renamed; then none is
   */
  void keep() throws IOException {
    Map<Path, Path> old = replace ? copies() : Map.of();
    List<Path> done = new ArrayList<>();
    try {
      for (Map.Entry<String, Path> each : List.copyOf(unfinished.entrySet())) {
        Path file = directory.resolve(each.getKey());
        rename(each.getValue(), file);
        unfinished.remove(each.getKey());
        done.add(file);
      }
    } catch (IOException failed) {
      restore(done, old, failed);
      throw failed;
    } finally {
      for (Path copy : old.values()) {
        Files.deleteIfExists(copy);
      }
    }
  }

  /** Copies the existing files, so that the originals stay until they are replaced. */
  private Map<Path, Path> copies() throws IOException {
    Map<Path, Path> copies = new LinkedHashMap<>();
    try {
      for (String name : unfinished.keySet()) {
        Path file = directory.resolve(name);
        if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
          if (!Files.isRegularFile(file)) {
            throw new IOException(file + " is not a file");
          }
          Path copy = Files.createTempFile(directory, name + ".", ".old");
          copies.put(file, copy);
          Files.copy(
              file, copy, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.COPY_ATTRIBUTES);
        }
      }
      return copies;
    } catch (IOException failed) {
      for (Path copy : copies.values()) {
        Files.deleteIfExists(copy);
      }
      throw failed;
    }
  }

  private void rename(Path complete, Path file) throws IOException {
    if (replace) {
      Files.move(complete, file, StandardCopyOption.REPLACE_EXISTING);
      return;
    }
    try {
      Files.move(complete, file);
    } catch (FileAlreadyExistsException another) {
      throw isThere(file);
    }
  }

  private static void restore(List<Path> done, Map<Path, Path> old, IOException because) {
    for (Path file : done) {
      Path copy = old.get(file);
      try {
        if (copy == null) {
          Files.delete(file);
        } else {
          Files.move(copy, file, StandardCopyOption.REPLACE_EXISTING);
        }
      } catch (IOException alsoFailed) {
        because.addSuppressed(alsoFailed);
      }
    }
  }

  /** Removes the temporary files. */
  @Override
  public void close() throws IOException {
    for (Path file : unfinished.values()) {
      Files.deleteIfExists(file);
    }
  }
}
