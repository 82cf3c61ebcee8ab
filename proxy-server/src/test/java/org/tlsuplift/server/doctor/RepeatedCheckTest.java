package org.tlsuplift.server.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.tlsuplift.server.feature.Diagnosis;
import org.tlsuplift.server.feature.FailureKind;
import org.tlsuplift.server.feature.Finding;

/** A check that continues while Microsoft's servers may not know a change yet. */
class RepeatedCheckTest {
  private final List<Duration> pauses = new ArrayList<>();
  private final List<String> output = new ArrayList<>();
  private final RepeatedCheck check =
      new RepeatedCheck(
          checked -> output.add(checked.results().get(0).finding().seen()),
          output::add,
          Clock.systemUTC(),
          pauses::add);

  @Test
  void repeatsACheckThatMayPass() throws Exception {
    Deque<List<TenantStep.Checked>> results =
        new ArrayDeque<>(
            List.of(
                failed("a", PathFailure.SIGN_IN_REFUSED),
                failed("a", PathFailure.SIGN_IN_REFUSED),
                result(Finding.ok(PathStep.SIGN_IN, "b"))));

    List<TenantStep.Checked> last = check.run(each -> shown(each, results.removeFirst()));

    assertThat(TenantStep.failures(last)).isEmpty();
    assertThat(pauses).containsExactly(Duration.ofMinutes(5), Duration.ofMinutes(5));
    assertThat(output).hasSize(5).startsWith("a").contains("no change").endsWith("b");
    assertThat(output.get(1))
        .contains("up to two hours for roles; checked again in 5 minutes", "(check 2 of 25)");
  }

  @Test
  void stopsAtOnceIfWaitingDoesNotHelp() throws Exception {
    assertThat(
            TenantStep.failures(
                    check.run(each -> shown(each, failed("a", PathFailure.UNREACHABLE))))
                .get(0)
                .finding()
                .failureKind())
        .isEqualTo(PathFailure.UNREACHABLE);
    assertThat(pauses).isEmpty();
  }

  @Test
  void stopsAfterTwoHours() throws Exception {
    assertThat(check.run(each -> shown(each, failed("a", PathFailure.SIGN_IN_REFUSED)))).hasSize(1);
    assertThat(pauses.stream().reduce(Duration.ZERO, Duration::plus))
        .isEqualTo(Duration.ofHours(2));
    assertThat(output.get(output.size() - 1)).startsWith("still not working after 25 checks");
  }

  private static List<TenantStep.Checked> shown(
      Consumer<TenantStep.Checked> each, List<TenantStep.Checked> results) {
    results.forEach(each);
    return results;
  }

  private static List<TenantStep.Checked> failed(String seen, FailureKind kind) {
    return result(Finding.failed(PathStep.SIGN_IN, Diagnosis.of(kind, "do this"), seen));
  }

  private static List<TenantStep.Checked> result(Finding finding) {
    return List.of(
        new TenantStep.Checked(
            "x", List.of(new TenantStep.Result(TenantStep.FIRST_SIGN_IN, finding))));
  }
}
