package org.tlsuplift.server.config.yaml;

import java.util.List;
import java.util.stream.Collectors;

/** A configuration with errors; it lists all of them. */
public final class InvalidConfigException extends Exception {
  private static final long serialVersionUID = 1L;

  private final transient List<ConfigProblem> problems;

  /**
   * Writes one line for each problem into the message.
   *
   * @param source the file, or another name of the configuration
   * @param problems at least one
   */
  public InvalidConfigException(String source, List<ConfigProblem> problems) {
    super(
        source
            + (problems.size() == 1 ? ": 1 problem" : ": " + problems.size() + " problems")
            + problems.stream()
                .map(problem -> "\n  " + problem.in(source))
                .collect(Collectors.joining()));
    this.problems = List.copyOf(problems);
  }

  public List<ConfigProblem> problems() {
    return problems;
  }
}
