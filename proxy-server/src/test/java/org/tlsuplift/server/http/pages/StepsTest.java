package org.tlsuplift.server.http.pages;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.server.http.BadRequestException;
import org.tlsuplift.server.http.pages.Steps.Run;
import org.tlsuplift.server.http.pages.Steps.Step;
import org.tlsuplift.server.http.pages.Steps.Tone;

class StepsTest {
  private final Steps steps = new Steps(Clock.systemUTC(), Duration.ofMinutes(10));

  private static Run awaitRun(Steps steps, Predicate<Run> wanted) {
    await().until(() -> steps.latest().filter(wanted).isPresent());
    return steps.latest().orElseThrow();
  }

  private static List<String> seen(Run run) {
    return run.steps().stream().map(Step::seen).toList();
  }

  @Test
  void showsEachStepAsItHappens() throws Exception {
    CountDownLatch next = new CountDownLatch(1);
    assertThat(steps.latest()).isEmpty();
    steps.start(
        "Mail",
        out -> {
          out.accept(Step.of(Tone.OK, "name", "is 10.0.0.1"));
          next.await();
          out.accept(Step.of(Tone.FAILED, "connection", "refused"));
        });
    Run half = awaitRun(steps, run -> !run.steps().isEmpty());
    assertThat(half.running()).isTrue();
    assertThat(seen(half)).containsExactly("is 10.0.0.1");
    next.countDown();
    Run all = awaitRun(steps, run -> !run.running());
    assertThat(seen(all)).containsExactly("is 10.0.0.1", "refused");
    assertThat(all.title()).isEqualTo("Mail");
  }

  @Test
  void runsOneCheckAtATime() throws Exception {
    CountDownLatch end = new CountDownLatch(1);
    steps.start("first", out -> end.await());
    assertThatThrownBy(() -> steps.start("second", out -> {}))
        .isInstanceOf(BadRequestException.class)
        .hasMessage("a check is running; wait until it has ended");
    assertThat(steps.latest().orElseThrow().title()).isEqualTo("first");
    end.countDown();
    awaitRun(steps, run -> !run.running());
    steps.start("third", out -> {});
    assertThat(awaitRun(steps, run -> !run.running()).title()).isEqualTo("third");
  }

  @Test
  void limitsHowManyChecksAreStartedInAnHour() throws Exception {
    for (int i = 0; i < Steps.MAX_STARTS; i++) {
      steps.start("Mail", out -> {});
      awaitRun(steps, run -> !run.running());
    }
    assertThatThrownBy(() -> steps.start("Mail", out -> {}))
        .isInstanceOf(BadRequestException.class)
        .hasMessage("60 checks were started within an hour; try again later");
  }

  @Test
  void stopsACheckThatTakesTooLong() throws Exception {
    Steps hasty = new Steps(Clock.systemUTC(), Duration.ofMillis(20));
    hasty.start("endless", out -> new CountDownLatch(1).await());
    assertThat(seen(awaitRun(hasty, run -> !run.running())))
        .containsExactly("it took longer than 20 ms and was stopped");
  }

  @Test
  void aCheckThatCannotGoOnExplainsWhy() throws Exception {
    steps.start(
        "Mail",
        out -> {
          throw new OperatorException("there is no CA");
        });
    Run run = awaitRun(steps, each -> !each.running());
    assertThat(run.steps()).containsExactly(Step.of(Tone.FAILED, "check", "there is no CA"));
  }

  @Test
  void aFaultIsNotShown() throws Exception {
    steps.start(
        "Mail",
        out -> {
          throw new IllegalStateException("password is rosebud");
        });
    assertThat(seen(awaitRun(steps, run -> !run.running())))
        .containsExactly("it failed; the cause is in the log");
  }

  @Test
  void keepsABoundedNumberOfSteps() throws Exception {
    steps.start(
        "Mail",
        out -> {
          for (int i = 0; i < Steps.MAX + 5; i++) {
            out.accept(Step.of(Tone.OK, "name", ""));
          }
        });
    assertThat(awaitRun(steps, run -> !run.running()).steps()).hasSize(Steps.MAX);
  }
}
