package org.tlsuplift.server.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.Labelled;
import org.tlsuplift.server.config.binding.Checked;
import org.tlsuplift.server.config.binding.FilePath;
import org.tlsuplift.server.config.binding.Key;
import org.tlsuplift.server.config.binding.SchemaRules;
import org.tlsuplift.server.config.binding.Section;

/**
 * The section {@code accessLog}.
 *
 * @param file null without {@link Target#FILE}
 * @param maxFileSize in bytes
 * @param maxTotalSize in bytes, of all rotated files
 */
@SchemaRules(
    """
    if:
      required: [target]
      properties:
        target:
          anyOf: [{enum: [stdout, syslog]}, {type: array, minItems: 1, items: {enum: [stdout, syslog]}}]
    then: {properties: {file: false, maxFileSize: false, keepDays: false, maxTotalSize: false}}
    else: {required: [file]}
    """)
public record AccessLogConfig(
    @Key(
            name = "target",
            single = true,
            fallback = "file",
            expected = "file, stdout, syslog, or a list of them")
        Set<Target> targets,
    @Key(form = FilePath.Written.class) @Nullable Path file,
    @Key(fallback = "json") Format format,
    @Key(fallback = "50MB", min = "1MB", max = "1024GB", expected = SIZE) long maxFileSize,
    @Key(fallback = "30", min = "1", max = "3650") int keepDays,
    @Key(fallback = "1GB", min = "1MB", max = "1024GB", expected = SIZE) long maxTotalSize)
    implements Checked {
  static final String SIZE = "a size from 1MB to 1024GB, such as 50MB or 1GB";

  @Override
  public void check(Section section) {
    if (!targets.isEmpty() && !targets.contains(Target.FILE)) {
      for (String key : List.of("file", "maxFileSize", "keepDays", "maxTotalSize")) {
        section.refuse(key, "no file is written; add 'file' to 'target', or remove the key");
      }
    } else if (!section.has("file")) {
      section.missing("file", FilePath.EXPECTED, "");
    }
    if (section.clean("maxTotalSize") && maxTotalSize < maxFileSize) {
      section.contradiction("maxTotalSize", "at least maxFileSize", "it limits all files together");
    }
  }

  /** Where lines go. */
  public enum Target implements Labelled {
    FILE,
    STDOUT,
    SYSLOG
  }

  /** The format of a line. */
  public enum Format implements Labelled {
    JSON,
    TEXT
  }
}
