package org.tlsuplift.server.doctor;

import java.util.ArrayList;
import java.util.List;

/**
 * A failure and its remedy.
 *
 * @param remedy lines of text; each command is a separate line
 */
record Diagnosis(FailureKind failureKind, List<String> remedy) {
  Diagnosis {
    remedy = List.copyOf(remedy);
  }

  static Diagnosis of(FailureKind failureKind, String... remedy) {
    return new Diagnosis(failureKind, List.of(remedy));
  }

  Diagnosis and(String line) {
    List<String> lines = new ArrayList<>(remedy);
    lines.add(line);
    return new Diagnosis(failureKind, lines);
  }
}
