package org.tlsuplift.server.doctor;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What was seen at a step.
 *
 * @param step where
 * @param outcome how it went
 * @param seen one line, without secrets
 * @param failureKind what is wrong, with {@link Outcome#FAILED} only
 * @param remedy what to do, a line each; commands are lines of their own
 */
public record Finding(
    Step step,
    Outcome outcome,
    String seen,
    @Nullable FailureKind failureKind,
    List<String> remedy) {
  /** How a step went. */
  public enum Outcome {
    OK,
    /** It goes on, but somebody should know. */
    NOTE,
    /** It does not go on here. */
    FAILED,
    /** It could not be tried, or there is nothing to try. */
    SKIPPED
  }

  public Finding {
    remedy = List.copyOf(remedy);
  }

  static Finding ok(Step step, String seen) {
    return new Finding(step, Outcome.OK, seen, null, List.of());
  }

  static Finding note(Step step, String seen, String... remedy) {
    return new Finding(step, Outcome.NOTE, seen, null, List.of(remedy));
  }

  static Finding skipped(Step step, String why) {
    return new Finding(step, Outcome.SKIPPED, why, null, List.of());
  }

  static Finding failed(Step step, Diagnosis diagnosis, String seen) {
    return new Finding(step, Outcome.FAILED, seen, diagnosis.failureKind(), diagnosis.remedy());
  }

  boolean isFailure() {
    return outcome == Outcome.FAILED;
  }
}
