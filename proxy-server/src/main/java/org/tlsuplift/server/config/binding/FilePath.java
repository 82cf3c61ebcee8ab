package org.tlsuplift.server.config.binding;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Reads the path of a file. {@code ${CREDENTIALS_DIRECTORY}} at its start is the directory in which
 * systemd puts the files of LoadCredential= (systemd.exec(5)).
 */
@Form.Rules(expected = FilePath.EXPECTED, pattern = FilePath.PATTERN)
public final class FilePath implements Form<Path> {
  public static final String EXPECTED = "the path of a file";

  /** Of the JSON schema. */
  public static final String PATTERN =
      "^\\$\\{CREDENTIALS_DIRECTORY\\}/|^(?=[\\s\\S]*\\S)(?![\\s\\S]*\\$\\{)";

  private static final String VARIABLE = "CREDENTIALS_DIRECTORY";
  private static final String CREDENTIALS = "${" + VARIABLE + "}/";

  /**
   * Parses a path.
   *
   * @throws IllegalArgumentException with the remedy
   */
  public static Path of(String text) {
    return parse(text, System.getenv(VARIABLE));
  }

  @Override
  public Path parse(String text) {
    return of(text);
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

  /** The path of a file that the daemon writes, or of a directory: nothing in it is replaced. */
  @Rules(expected = EXPECTED, pattern = "\\S")
  public static final class Written implements Form<Path> {
    @Override
    public Path parse(String text) {
      return Path.of(text);
    }
  }
}
