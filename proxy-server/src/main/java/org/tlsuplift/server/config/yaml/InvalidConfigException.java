package org.tlsuplift.server.config.yaml;

import java.util.List;
import java.util.stream.Collectors;

/** A configuration that cannot be run, with everything that is wrong in it. */
public final class InvalidConfigException extends Exception {
  private static final long serialVersionUID = 1L;

  private final transient List<ConfigProblem> problems;

  /**
   * Collects the problems into the message, one line each.
   *
   * @param source the file, or what else the configuration came from
   * @param problems at least one
   */
  public InvalidConfigException(String source, List<ConfigProblem> problems) {
    super(
        source
            + (problems.size() == 1 ? ": 1 problem" : ": " + problems.size() + " problems")
            + problems.stream().map(problem -> "\n  " + problem).collect(Collectors.joining()));
    this.problems = List.copyOf(problems);
  }

  public List<ConfigProblem> problems() {
    return problems;
  }
}
