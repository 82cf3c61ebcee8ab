package org.tlsuplift.server.it.lab;

import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Finds the lines of the log that tell about the end of a session. */
public final class SessionLines {
  private SessionLines() {}

  /** The first line with all these fields. */
  public static Optional<String> find(String log, String... keysAndValues) {
    return all(log, keysAndValues).findFirst();
  }

  /** The lines with all these fields. */
  static Stream<String> all(String log, String... keysAndValues) {
    return log.lines()
        .filter(line -> line.contains("session ended"))
        .filter(line -> holdsAll(line, keysAndValues));
  }

  private static boolean holdsAll(String line, String... keysAndValues) {
    for (int i = 0; i < keysAndValues.length; i += 2) {
      String field =
          "\\b" + keysAndValues[i] + "=\"?" + Pattern.quote(keysAndValues[i + 1]) + "(?![\\w.])";
      if (!Pattern.compile(field).matcher(line).find()) {
        return false;
      }
    }
    return true;
  }
}
