package org.tlsuplift.server.config.yaml;

import java.util.ArrayList;
import java.util.List;

/** Collects what is wrong, so that it can be told at once. */
public final class Problems {
  private static final int MAX_QUOTED = 80;

  private final List<ConfigProblem> errors = new ArrayList<>();
  private final List<ConfigProblem> warnings = new ArrayList<>();

  public void error(String path, String got, String allowed, String hint) {
    errors.add(new ConfigProblem(path, got, allowed, hint));
  }

  public void warning(String path, String got, String hint) {
    warnings.add(new ConfigProblem(path, got, "", hint));
  }

  /** Whether nothing is wrong at a path or below, so that its value can be judged further. */
  public boolean clean(String path) {
    return errors.stream()
        .map(ConfigProblem::path)
        .noneMatch(
            bad -> bad.equals(path) || bad.startsWith(path + ".") || bad.startsWith(path + "["));
  }

  public List<ConfigProblem> errors() {
    return List.copyOf(errors);
  }

  public List<ConfigProblem> warnings() {
    return List.copyOf(warnings);
  }

  /** A value of the operator's, cut short and on one line. */
  public static String got(Object value) {
    String text = String.valueOf(value);
    String cut = text.length() > MAX_QUOTED ? text.substring(0, MAX_QUOTED) + "..." : text;
    return "got '" + cut.replaceAll("\\p{Cntrl}", "?") + "'";
  }
}
