package org.tlsuplift.server.config.binding;

import java.util.List;
import java.util.stream.Collectors;
import org.tlsuplift.proxy.outcome.OperatorException;

/** A configuration with errors; it lists all of them. */
public final class InvalidConfigException extends OperatorException {
  private static final long serialVersionUID = 1L;

  private final transient List<ConfigProblem> problems;
  private final transient String source;

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
    this.source = source;
  }

  /** One line for each problem. */
  public List<String> lines() {
    return problems.stream().map(problem -> problem.in(source)).toList();
  }

  public List<ConfigProblem> problems() {
    return problems;
  }
}
