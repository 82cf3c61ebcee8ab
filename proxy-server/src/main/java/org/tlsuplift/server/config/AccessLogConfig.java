package org.tlsuplift.server.config;

import java.nio.file.Path;
import org.tlsuplift.proxy.model.Labelled;

/**
 * The settings of the access log.
 *
 * @param maxFileSize in bytes
 * @param maxTotalSize in bytes, of all rotated files
 */
public record AccessLogConfig(
    Path file, Format format, long maxFileSize, int keepDays, long maxTotalSize) {
  /** The format of a line. */
  public enum Format implements Labelled {
    JSON,
    TEXT
  }
}
