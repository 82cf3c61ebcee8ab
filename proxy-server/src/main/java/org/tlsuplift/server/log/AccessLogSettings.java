package org.tlsuplift.server.log;

import java.nio.file.Path;
import java.util.Map;

/**
 * The settings of the access log.
 *
 * @param file the current file; rotated files are in the same directory
 * @param format how a line is written
 * @param maxFileSize in bytes; a larger file is rotated
 * @param keepDays how many days rotated files are kept, at least 1
 * @param maxTotalSize in bytes; the oldest rotated files beyond it are deleted
 * @param waysIn for each listener, how its devices name their destination
 */
public record AccessLogSettings(
    Path file,
    AccessLogFormat format,
    long maxFileSize,
    int keepDays,
    long maxTotalSize,
    Map<String, String> waysIn) {
  public AccessLogSettings {
    waysIn = Map.copyOf(waysIn);
  }
}
