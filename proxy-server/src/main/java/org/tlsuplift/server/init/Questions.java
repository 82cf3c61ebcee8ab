package org.tlsuplift.server.init;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.outcome.OperatorException;

/**
 * Answers questions from options, and asks at a terminal for the others.
 *
 * <p>A given option is its answer: there is no question about it.
 *
 * @param options the given options, by their long names
 * @param terminal asks the operator; null to use the proposals
 */
record Questions(Map<String, String> options, @Nullable Terminal terminal) {
  Questions {
    options = Map.copyOf(options);
  }

  boolean has(String option) {
    return options.containsKey(option);
  }

  /** Whether the operator will be asked for this option. */
  boolean asks(String option) {
    return terminal != null && !has(option);
  }

  /** Tells the operator something, if there is a terminal. */
  void line(String text) {
    if (terminal != null) {
      terminal.line(text);
    }
  }

  /**
   * The answer.
   *
   * @throws OperatorException if an option cannot be used, or an answer is missing
   */
  <T> T find(Question<T> question) throws OperatorException {
    String given = options.get(question.option());
    return terminal == null || given != null ? question.answerAlone(given) : question.ask(terminal);
  }
}
