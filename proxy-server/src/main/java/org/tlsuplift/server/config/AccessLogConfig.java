package org.tlsuplift.server.config;

import java.nio.file.Path;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.Labelled;

/**
 * The settings of the access log.
 *
 * @param file null without {@link Target#FILE}
 * @param maxFileSize in bytes
 * @param maxTotalSize in bytes, of all rotated files
 */
public record AccessLogConfig(
    Set<Target> targets,
    @Nullable Path file,
    Format format,
    long maxFileSize,
    int keepDays,
    long maxTotalSize) {
  public AccessLogConfig {
    targets = Set.copyOf(targets);
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
