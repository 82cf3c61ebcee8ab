package org.tlsuplift.server.config.load;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.server.config.AccessLogConfig;
import org.tlsuplift.server.config.yaml.Section;
import org.tlsuplift.server.config.yaml.Sizes;
import org.tlsuplift.server.config.yaml.Words;

/** Reads {@code accessLog}. */
final class AccessLogReader {
  private static final Words<AccessLogConfig.Format> FORMAT =
      Words.of(AccessLogConfig.Format.values());
  private static final Words<AccessLogConfig.Target> TARGET =
      Words.of(AccessLogConfig.Target.values());
  private static final List<String> FILE =
      List.of("file", "maxFileSize", "keepDays", "maxTotalSize");
  private static final long MB = 1024 * 1024;
  private static final long MAX = 1024 * 1024 * MB;
  private static final int MAX_DAYS = 3650;

  private AccessLogReader() {}

  /** Null without the section. */
  static @Nullable AccessLogConfig read(Section root) {
    Section section = root.section("accessLog");
    if (!root.has("accessLog")) {
      return null;
    }
    Set<AccessLogConfig.Target> targets = targets(section);
    boolean toFile = targets.contains(AccessLogConfig.Target.FILE);
    if (!toFile) {
      FILE.forEach(
          key ->
              section.refuse(key, "no file is written; add 'file' to 'target', or remove the key"));
    } else if (!section.has("file")) {
      section.missing("file", ConfigReader.PATH, "");
    }
    AccessLogConfig log =
        new AccessLogConfig(
            targets,
            section.value("file", ConfigReader.PATH, Path::of).orElse(null),
            section.word("format", FORMAT).orElse(AccessLogConfig.Format.JSON),
            size(section, "maxFileSize", 50 * MB),
            section.integer("keepDays", 30, 1, MAX_DAYS),
            size(section, "maxTotalSize", 1024 * MB));
    if (section.clean("maxTotalSize") && log.maxTotalSize() < log.maxFileSize()) {
      section.contradiction("maxTotalSize", "at least maxFileSize", "it limits all files together");
    }
    section.end();
    return log;
  }

  private static Set<AccessLogConfig.Target> targets(Section section) {
    if (!section.has("target")) {
      section.allow("target");
      return Set.of(AccessLogConfig.Target.FILE);
    }
    List<AccessLogConfig.Target> targets =
        section.oneOrMore(
            "target", "file, stdout, syslog, or a list of them", AccessLogReader::target);
    return targets.isEmpty() ? Set.of(AccessLogConfig.Target.FILE) : Set.copyOf(targets);
  }

  private static AccessLogConfig.Target target(String text) {
    AccessLogConfig.Target target = TARGET.known().get(text);
    if (target == null) {
      throw new IllegalArgumentException("");
    }
    return target;
  }

  private static long size(Section section, String key, long fallback) {
    return section
        .value(key, "a size from 1MB to 1024GB, such as 50MB or 1GB", AccessLogReader::bytes)
        .orElse(fallback);
  }

  private static long bytes(String text) {
    return Sizes.parse(text).stream()
        .filter(size -> size >= MB && size <= MAX)
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException(""));
  }
}
