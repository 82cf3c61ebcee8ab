package org.tlsuplift.server.daemon;

import java.util.List;

/**
 * The result of a reload.
 *
 * @param changed the keys that have changed
 * @param problems why the configuration was not applied, one line each; empty if it was
 */
public record ReloadResult(List<String> changed, List<String> problems) {
  public ReloadResult {
    changed = List.copyOf(changed);
    problems = List.copyOf(problems);
  }

  static ReloadResult applied(List<String> changed) {
    return new ReloadResult(changed, List.of());
  }

  static ReloadResult refused(List<String> problems) {
    return new ReloadResult(List.of(), problems);
  }

  public boolean isApplied() {
    return problems.isEmpty();
  }
}
