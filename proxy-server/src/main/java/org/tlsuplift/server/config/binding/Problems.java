package org.tlsuplift.server.config.binding;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Collects errors and warnings, so that all are reported at once. */
public final class Problems {
  private static final int MAX_QUOTED = 80;

  private final List<ConfigProblem> errors = new ArrayList<>();
  private final List<ConfigProblem> warnings = new ArrayList<>();

  public void error(String path, String got, String expected, String hint) {
    errors.add(new ConfigProblem(path, got, expected, hint));
  }

  /** Forgets the errors of a key and of those below it. */
  void forget(String path) {
    errors.removeIf(error -> isAt(error.path(), path));
  }

  private static boolean isAt(String bad, String path) {
    return bad.startsWith(path)
        && (bad.length() == path.length()
            || bad.charAt(path.length()) == '.'
            || bad.charAt(path.length()) == '[');
  }

  /** Returns the first error, if there is one, and forgets all. */
  public Optional<ConfigProblem> take() {
    Optional<ConfigProblem> first = errors.stream().findFirst();
    errors.clear();
    return first;
  }

  void syntax(Position position, String got, String hint) {
    errors.add(new ConfigProblem("", got, "", hint, position));
  }

  public void warning(String path, String got, String hint) {
    warnings.add(new ConfigProblem(path, got, "", hint));
  }

  /** Whether neither a key nor one below it has an error, so that its value can be checked. */
  public boolean clean(String path) {
    for (ConfigProblem error : errors) {
      if (isAt(error.path(), path)) {
        return false;
      }
    }
    return true;
  }

  public List<ConfigProblem> errors() {
    return List.copyOf(errors);
  }

  public List<ConfigProblem> warnings() {
    return List.copyOf(warnings);
  }

  /** A configured value, shortened and on one line. */
  public static String got(Object value) {
    String text = String.valueOf(value);
    String cut = text.length() > MAX_QUOTED ? text.substring(0, MAX_QUOTED) + "..." : text;
    return "got '" + cut.replaceAll("[\\p{C}\\p{Zl}\\p{Zp}]", "?") + "'";
  }
}
