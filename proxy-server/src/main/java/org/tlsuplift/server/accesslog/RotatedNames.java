package org.tlsuplift.server.accesslog;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The names beside a log file {@code access.log}: {@code access.2026-11-24.0.log.gz} for a rotated
 * file, and {@code access.2026-11-24.0.log.17.tmp} for one that is not yet compressed.
 */
final class RotatedNames {
  private static final String COMPRESSED = ".gz";
  private static final String UNCOMPRESSED = ".tmp";

  private final Path file;
  private final String stem;
  private final String extension;
  private final Pattern uncompressed;

  RotatedNames(Path file) {
    this.file = file;
    String name = String.valueOf(file.getFileName());
    int dot = name.lastIndexOf('.');
    stem = dot < 1 ? name : name.substring(0, dot);
    extension = dot < 1 ? "" : name.substring(dot);
    uncompressed =
        Pattern.compile(
            "(%s\\.\\d{4}-\\d\\d-\\d\\d\\.)(\\d+)%s\\.\\d+%s"
                .formatted(
                    Pattern.quote(stem), Pattern.quote(extension), Pattern.quote(UNCOMPRESSED)));
  }

  /** The pattern by which Logback names rotated files. */
  String logbackPattern() {
    // Characters that mean something in a pattern are escaped.
    String prefix = file.resolveSibling(stem).toString().replaceAll("[\\\\%()]", "\\\\$0");
    return prefix + ".%d{yyyy-MM-dd}.%i" + extension + COMPRESSED;
  }

  /**
   * A name for a file that waits for its compression.
   *
   * @param rotated its name without the suffix of compressed files
   */
  static Path uncompressed(String rotated) {
    return Path.of(rotated + "." + System.nanoTime() + UNCOMPRESSED);
  }

  /** The files that wait for their compression. */
  List<Path> uncompressed() throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    if (folder == null || !Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(each -> uncompressed.matcher(String.valueOf(each.getFileName())).matches())
          .sorted()
          .toList();
    }
  }

  /** The first unused name for the compressed file, with the same date. */
  Path compressed(Path waiting) {
    Matcher name = uncompressed.matcher(String.valueOf(waiting.getFileName()));
    if (!name.matches()) {
      throw new IllegalArgumentException(waiting + " is not a rotated file");
    }
    int index = Integer.parseInt(name.group(2));
    while (true) {
      Path free = waiting.resolveSibling(name.group(1) + index + extension + COMPRESSED);
      if (Files.notExists(free)) {
        return free;
      }
      index++;
    }
  }
}
