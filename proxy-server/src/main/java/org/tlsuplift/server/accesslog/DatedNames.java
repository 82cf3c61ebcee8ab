package org.tlsuplift.server.accesslog;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
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
  private static final Comparator<Dated> NEWEST_FIRST =
      Comparator.comparing(Dated::day).thenComparing(Dated::index).reversed();

  private final Path file;
  private final String stem;
  private final String extension;
  private final Pattern pattern;

  /** A rotated file. */
  record Dated(Path path, LocalDate day, int index) {}

  DatedNames(Path file) {
    this.file = file;
    String name = String.valueOf(file.getFileName());
    int dot = name.lastIndexOf('.');
    stem = dot < 1 ? name : name.substring(0, dot);
    extension = dot < 1 ? "" : name.substring(dot);
    pattern =
        Pattern.compile(
            "%s\\.(\\d{4}-\\d\\d-\\d\\d)\\.(\\d{1,9})%s(\\.\\d+)?(%s|%s)"
                .formatted(Pattern.quote(stem), Pattern.quote(extension), COMPRESSED, WAITING));
  }

  /** A name for the file of that day while it waits for its compression. */
  Path waiting(LocalDate day) throws IOException {
    int next = 0;
    for (Dated each : all(COMPRESSED, WAITING)) {
      next = each.day().equals(day) ? Math.max(next, each.index() + 1) : next;
    }
    return name(day, next, "." + System.nanoTime() + WAITING);
  }

  /** The files that wait for their compression, the oldest first. */
  List<Dated> waiting() throws IOException {
    return all(WAITING).stream()
        .sorted(NEWEST_FIRST.reversed().thenComparing(Dated::path))
        .toList();
  }

  /** The first unused name for the compressed file, with the same day. */
  Path compressed(Dated waiting) {
    int index = waiting.index();
    while (Files.exists(name(waiting.day(), index, COMPRESSED))) {
      index++;
    }
    return name(waiting.day(), index, COMPRESSED);
  }

  /** The compressed files, the newest first. */
  List<Dated> compressed() throws IOException {
    return all(COMPRESSED).stream().sorted(NEWEST_FIRST).toList();
  }

  private Path name(LocalDate day, int index, String suffix) {
    return file.resolveSibling(stem + "." + day + "." + index + extension + suffix);
  }

  private List<Dated> all(String... suffixes) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    if (folder == null || !Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files.flatMap(each -> dated(each, List.of(suffixes)).stream()).toList();
    }
  }

  private Optional<Dated> dated(Path path, List<String> suffixes) {
    Matcher name = pattern.matcher(String.valueOf(path.getFileName()));
    if (!name.matches() || !suffixes.contains(name.group(4))) {
      return Optional.empty();
    }
    try {
      LocalDate day = LocalDate.parse(name.group(1));
      return Optional.of(new Dated(path, day, Integer.parseInt(name.group(2))));
    } catch (DateTimeException noDay) {
      return Optional.empty();
    }
  }
}
