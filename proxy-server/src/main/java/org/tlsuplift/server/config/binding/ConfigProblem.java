package org.tlsuplift.server.config.binding;

import org.jspecify.annotations.Nullable;

/**
 * An error or a warning about the configuration.
 *
 * @param path the key, such as {@code listeners[0].bind}; empty for the file as a whole
 * @param got the cause
 * @param expected the valid values; may be empty
 * @param hint the remedy; may be empty
 * @param position where the key is written; null if it is not, or if that is unknown
 */
public record ConfigProblem(
    String path, String got, String expected, String hint, @Nullable Position position) {
  public ConfigProblem(String path, String got, String expected, String hint) {
    this(path, got, expected, hint, null);
  }

  ConfigProblem at(@Nullable Position known) {
    return new ConfigProblem(path, got, expected, hint, known);
  }

  /** The text without the key. */
  public String message() {
    return got
        + (expected.isEmpty() ? "" : "; expected " + expected)
        + (hint.isEmpty() ? "" : "; " + hint);
  }

  /**
   * The text with its line, such as {@code tls-uplift.yaml:12: listeners[0].bind: got ...}. An
   * error of syntax has no key, but a column.
   */
  public String in(String source) {
    if (position == null) {
      return toString();
    }
    return "%s:%s%s: %s"
        .formatted(source, position.line(), path.isEmpty() ? ":" + position.column() : "", this);
  }

  @Override
  public String toString() {
    return path.isEmpty() ? message() : path + ": " + message();
  }
}
