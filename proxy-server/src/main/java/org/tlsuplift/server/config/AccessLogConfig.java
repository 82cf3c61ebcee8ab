package org.tlsuplift.server.config;

import java.nio.file.Path;
import org.tlsuplift.proxy.model.Labelled;

/**
 * The access log: one line for each session.
 *
 * @param file where; rotated files lie beside it
 * @param format how
 * @param maxFileSize in bytes, beyond which a file is rotated
 * @param keepDays how long rotated files are kept
 * @param maxTotalSize in bytes, of all rotated files
 */
public record AccessLogConfig(
    Path file, Format format, long maxFileSize, int keepDays, long maxTotalSize) {
  /** How a line of the access log is written. */
  public enum Format implements Labelled {
    JSON,
    TEXT
  }
}
