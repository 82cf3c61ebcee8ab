package org.tlsuplift.server.feature;

import java.util.ArrayList;
import java.util.List;

/**
 * A failure and its remedy.
 *
 * @param remedy lines of text; each command is a separate line
 */
public record Diagnosis(FailureKind failureKind, List<String> remedy) {
  public Diagnosis {
    remedy = List.copyOf(remedy);
  }

  public static Diagnosis of(FailureKind failureKind, String... remedy) {
    return new Diagnosis(failureKind, List.of(remedy));
  }

  public Diagnosis and(String line) {
    List<String> lines = new ArrayList<>(remedy);
    lines.add(line);
    return new Diagnosis(failureKind, lines);
  }
}
