package org.tlsuplift.server.http.pages;

import java.util.List;

/** Reloads the configuration. Blocks. Thread-safe. */
public interface ReloadControl {
  /**
   * The result of a reload, or of a look at what it would do.
   *
   * @param changed the keys that have changed
   * @param problems with their lines; if there are any, the running configuration stays in use
   */
  record Result(List<String> changed, List<String> problems) {
    public Result {
      changed = List.copyOf(changed);
      problems = List.copyOf(problems);
    }
  }

  /** What a reload would do now. */
  Result preview();

  /**
   * Reloads.
   *
   * @param trigger the cause, for the log
   */
  Result reload(String trigger);
}
