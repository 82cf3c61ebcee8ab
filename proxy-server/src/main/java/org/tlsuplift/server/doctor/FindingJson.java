package org.tlsuplift.server.doctor;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.server.feature.CheckResult;
import org.tlsuplift.server.feature.FailureKind;
import org.tlsuplift.server.feature.Finding;
import org.tlsuplift.server.text.Json;

/** Formats results as JSON for scripts. */
public final class FindingJson {
  private FindingJson() {}

  private record Result(
      @Nullable String listener,
      String origin,
      @Nullable String mailbox,
      @Nullable String tenant,
      @Nullable String ailment,
      @Nullable Integer exitCode,
      List<StepResult> steps) {
    static Result of(CheckResult checkResult) {
      FailureKind failureKind = checkResult.failureKind().orElse(null);
      return new Result(
          checkResult.listener(),
          checkResult.origin(),
          checkResult.mailbox(),
          checkResult.tenant(),
          name(failureKind),
          failureKind == null ? null : failureKind.exitCode(),
          checkResult.findings().stream().map(StepResult::of).toList());
    }
  }

  private record StepResult(
      String step,
      Finding.Outcome outcome,
      String seen,
      @Nullable String ailment,
      @Nullable List<String> remedy) {
    static StepResult of(Finding finding) {
      return new StepResult(
          finding.step().label(),
          finding.outcome(),
          finding.seen(),
          name(finding.failureKind()),
          finding.remedy().isEmpty()
              ? null
              : finding.remedy().stream().map(String::strip).toList());
    }
  }

  /** Writes an array with one object for each result. */
  public static String write(List<CheckResult> examinations) {
    try {
      return Json.INDENTED.writeValueAsString(examinations.stream().map(Result::of).toList());
    } catch (JsonProcessingException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private static @Nullable String name(@Nullable FailureKind failureKind) {
    return failureKind == null ? null : failureKind.label();
  }
}
