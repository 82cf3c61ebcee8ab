package org.tlsuplift.server.init;

import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.server.config.binding.Problems;

/**
 * One question to the operator.
 *
 * @param option the option that answers it
 * @param text the question
 * @param proposal the meaning of an empty answer; null if an answer is required
 * @param expected the valid answers
 * @param meaning reads an answer; throws {@link IllegalArgumentException} with the remedy
 */
record Question<T>(
    String option,
    String text,
    @Nullable String proposal,
    String expected,
    Function<String, T> meaning) {

  /** Reads an answer; the exception names the error and the remedy. */
  T answer(String given) throws OperatorException {
    try {
      return meaning.apply(given.strip());
    } catch (IllegalArgumentException wrong) {
      String remedy = String.valueOf(wrong.getMessage());
      throw new OperatorException(
          "%s: %s; expected %s%s"
              .formatted(
                  option, Problems.got(given), expected, remedy.isEmpty() ? "" : "; " + remedy));
    }
  }

  /** Reads the given answer, or else the proposal, without asking. */
  T answerAlone(@Nullable String given) throws OperatorException {
    return given == null ? proposed("give this option") : answer(given);
  }

  private T proposed(String remedy) throws OperatorException {
    if (proposal == null) {
      throw new OperatorException(
          "%s: got nothing; expected %s; %s".formatted(option, expected, remedy));
    }
    return answer(proposal);
  }

  /** Asks until the operator gives a valid answer. */
  T ask(Terminal terminal) throws OperatorException {
    String prompt = text + (proposal == null ? ": " : " [" + proposal + "]: ");
    while (true) {
      String typed = terminal.ask(prompt);
      if (typed == null) {
        throw new OperatorException(
            option
                + ": got the end of the input; expected an answer; no configuration was written");
      }
      try {
        return typed.isBlank() ? proposed("write it here") : answer(typed);
      } catch (OperatorException again) {
        terminal.line(again.getMessage());
      }
    }
  }
}
