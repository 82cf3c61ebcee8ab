package org.tlsuplift.server.feature;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The result of a step.
 *
 * @param seen the observation, one line without secrets
 * @param failureKind set only with {@link Outcome#FAILED}
 * @param remedy lines of text; each command is a separate line
 */
public record Finding(
    Step step,
    Outcome outcome,
    String seen,
    @Nullable FailureKind failureKind,
    List<String> remedy) {
  /** The outcome of a step. */
  public enum Outcome {
    OK,
    /** The step succeeded, but the operator should know something. */
    NOTE,
    /** The step failed. Steps that depend on it are skipped. */
    FAILED,
    /** The step depends on a failed step, or does not apply. */
    SKIPPED
  }

  public Finding {
    remedy = List.copyOf(remedy);
  }

  public static Finding ok(Step step, String seen) {
    return new Finding(step, Outcome.OK, seen, null, List.of());
  }

  public static Finding note(Step step, String seen, String... remedy) {
    return new Finding(step, Outcome.NOTE, seen, null, List.of(remedy));
  }

  public static Finding skipped(Step step, String why) {
    return new Finding(step, Outcome.SKIPPED, why, null, List.of());
  }

  public static Finding failed(Step step, Diagnosis diagnosis, String seen) {
    return new Finding(step, Outcome.FAILED, seen, diagnosis.failureKind(), diagnosis.remedy());
  }

  public boolean isFailure() {
    return outcome == Outcome.FAILED;
  }
}
