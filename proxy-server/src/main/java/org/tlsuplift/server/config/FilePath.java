package org.tlsuplift.server.config;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Reads the path of a file. {@code ${CREDENTIALS_DIRECTORY}} at its start is the directory in which
 * systemd puts the files of LoadCredential= (systemd.exec(5)).
 */
public final class FilePath {
  private static final String VARIABLE = "CREDENTIALS_DIRECTORY";
  private static final String CREDENTIALS = "${" + VARIABLE + "}/";

  private FilePath() {}

  /**
   * Parses a path.
   *
   * @throws IllegalArgumentException with the remedy
   */
  public static Path parse(String text) {
    return parse(text, System.getenv(VARIABLE));
  }

  static Path parse(String text, @Nullable String credentials) {
    if (!text.contains("${")) {
      return Path.of(text);
    }
    if (!text.startsWith(CREDENTIALS)) {
      throw new IllegalArgumentException(
          "only " + CREDENTIALS + " at the start of a path is replaced; write the whole path");
    }
    if (credentials == null || credentials.isEmpty()) {
      throw new IllegalArgumentException(
          "the environment variable "
              + VARIABLE
              + " is not set; systemd sets it for a service with LoadCredential=; for a command,"
              + " set it to a directory that has the same files");
    }
    return Path.of(credentials, text.substring(CREDENTIALS.length()));
  }
}
