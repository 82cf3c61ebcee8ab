package org.tlsuplift.server.config.yaml;

/**
 * One thing wrong, or worth a warning, in the configuration.
 *
 * @param path where, such as {@code listeners[0].bind} or {@code line 3, column 5}
 * @param got the value found
 * @param allowed what may stand there; may be empty
 * @param hint what to do; may be empty
 */
public record ConfigProblem(String path, String got, String allowed, String hint) {
  @Override
  public String toString() {
    return path
        + ": "
        + got
        + (allowed.isEmpty() ? "" : "; allowed: " + allowed)
        + (hint.isEmpty() ? "" : "; " + hint);
  }
}
