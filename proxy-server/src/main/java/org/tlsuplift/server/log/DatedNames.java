package org.tlsuplift.server.log;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The names beside a log file {@code access.log}: {@code access.2026-11-24.0.log.gz} for a rotated
 * file, and {@code access.2026-11-24.0.log.17.tmp} for one that is not yet compressed.
 */
final class DatedNames {
  private static final String COMPRESSED = ".gz";
  private static final String WAITING = ".tmp";
  private static final Comparator<Dated> OLDEST_FIRST =
      Comparator.comparing(Dated::day).thenComparing(Dated::index).thenComparing(Dated::path);

  private final Path directory;
  private final String stem;
  private final String extension;
  private final Pattern pattern;

  /**
   * A rotated file.
   *
   * @param day as in its name
   */
  record Dated(Path path, String day, int index) {
    boolean isCompressed() {
      return path.toString().endsWith(COMPRESSED);
    }
  }

  DatedNames(Path directory, String name) {
    this.directory = directory;
    int dot = name.lastIndexOf('.');
    stem = dot < 1 ? name : name.substring(0, dot);
    extension = dot < 1 ? "" : name.substring(dot);
    pattern =
        Pattern.compile(
            "%s\\.(\\d{4}-[01]\\d-[0-3]\\d)\\.(\\d{1,9})%s(%s|\\.\\d+%s)"
                .formatted(Pattern.quote(stem), Pattern.quote(extension), COMPRESSED, WAITING));
  }

  /** All rotated files, the oldest first. */
  List<Dated> all() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.flatMap(this::dated).sorted(OLDEST_FIRST).toList();
    }
  }

  private Stream<Dated> dated(Path path) {
    Matcher name = pattern.matcher(String.valueOf(path.getFileName()));
    return name.matches()
        ? Stream.of(new Dated(path, name.group(1), Integer.parseInt(name.group(2))))
        : Stream.empty();
  }

  /** A name for the file of that day while it waits for its compression. */
  Path waiting(LocalDate day) throws IOException {
    int next = 0;
    for (Dated each : all()) {
      next = each.day().equals(day.toString()) ? each.index() + 1 : next;
    }
    return name(day.toString(), next, "." + System.nanoTime() + WAITING);
  }

  /** The first unused name for the compressed file, with the same day. */
  Path compressed(Dated waiting) {
    int index = waiting.index();
    while (Files.exists(name(waiting.day(), index, COMPRESSED))) {
      index++;
    }
    return name(waiting.day(), index, COMPRESSED);
  }

  private Path name(String day, int index, String suffix) {
    return directory.resolve(stem + "." + day + "." + index + extension + suffix);
  }
}
