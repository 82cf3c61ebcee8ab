package org.tlsuplift.server.http.pages;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.outcome.HandshakeOutcome;
import org.tlsuplift.proxy.outcome.OriginReply;
import org.tlsuplift.proxy.outcome.Outcome;
import org.tlsuplift.server.console.NextStep;
import org.tlsuplift.server.inventory.FactCount;
import org.tlsuplift.server.inventory.FactKind;
import org.tlsuplift.server.readiness.ExpiringItem;

class NextStepsTest {
  private static final Instant NOW = PagesRig.NOW;

  private static List<NextStep> steps(
      List<NextSteps.Problem> problems, List<ExpiringItem> expiring) {
    return NextSteps.of(List.of(), problems, expiring, NOW);
  }

  private static NextSteps.Problem problem(
      FactKind kind, String label, long devices, String... destinations) {
    return new NextSteps.Problem(
        kind,
        new FactCount(label, devices, NOW),
        Arrays.stream(destinations).map(place -> new FactCount(place, devices, NOW)).toList());
  }

  @Test
  void theProblemOfMostDevicesComesFirst() {
    NextSteps.Problem failure = problem(FactKind.FAILURE, "no_route", 3);
    assertThat(steps(List.of(failure, problem(FactKind.REPLY, "535 5.7.3", 18)), List.of()))
        .extracting(NextStep::what)
        .containsExactly("Help 18 devices", "Help 3 devices");
    assertThat(steps(List.of(failure, problem(FactKind.REPLY, "535 5.7.3", 2)), List.of()))
        .extracting(NextStep::what)
        .containsExactly("Help 3 devices", "Help 2 devices");
  }

  @Test
  void aRefusalHasTheRemedyOfItsReplyAndTheOrigin() {
    assertThat(
            steps(
                List.of(problem(FactKind.REPLY, "535 5.7.3", 1, "smtp.office365.com:587")),
                List.of()))
        .singleElement()
        .satisfies(
            step -> {
              assertThat(step.why())
                  .startsWith("The mail origin replies 535 5.7.3: name or password is wrong. ")
                  .contains(ProblemText.ofReply("535 5.7.3").remedy())
                  .endsWith(". It connects to smtp.office365.com:587.");
              assertThat(step.links())
                  .contains(
                      new NextStep.Link("Show the device", "/devices?failure=535%205.7.3&ended=no"),
                      new NextStep.Link("Manual", "/manual/microsoft-replies#535-573"));
            });
  }

  @Test
  void eachFailureHasAStepUnlessAnotherCoversItOrItIsIntended() {
    assertThat(
            Stream.<Outcome>concat(
                    Stream.of(HandshakeOutcome.values()), Stream.of(CloseReason.values()))
                .filter(Outcome::isFailure))
        .filteredOn(outcome -> !ProblemText.hasStep(outcome.label()))
        .containsExactly(
            HandshakeOutcome.CERTIFICATE_REJECTED,
            HandshakeOutcome.CLOSED,
            CloseReason.DEVICE_CLOSED_UNUSED,
            CloseReason.ROUTE_DENIED);
    assertThat(OriginReply.values()).allMatch(reply -> ProblemText.hasStep(reply.label()));
    assertThat(ProblemText.hasStep("of a later version")).isTrue();
  }

  @Test
  void aStepNamesTheMostCommonDestinations() {
    assertThat(why("a:1", "b:2")).endsWith(" They connect to a:1 and b:2.");
    assertThat(why("a:1", "b:2", "c:3")).endsWith(" They connect to a:1, b:2 and 1 other.");
    assertThat(why("a:1", "b:2", "c:3", "d:4")).endsWith(" and 2 others.");
    assertThat(why("\u202ea:1")).endsWith(" They connect to \\u{202e}a:1.");
    assertThat(why()).doesNotContain("They connect");
  }

  private static String why(String... destinations) {
    return steps(List.of(problem(FactKind.FAILURE, "no_route", 3, destinations)), List.of())
        .get(0)
        .why();
  }

  @Test
  void anExpiredItemIsNotRenewedBeforeItExpires() {
    assertThat(renewal(NOW.plus(Duration.ofDays(1))))
        .isEqualTo("Renew before it expires: the client certificate");
    assertThat(renewal(NOW)).isEqualTo("Renew the client certificate, which has expired");
    assertThat(renewal(NOW.minusSeconds(1)))
        .isEqualTo("Renew the client certificate, which has expired");
  }

  private static String renewal(Instant at) {
    ExpiringItem item = new ExpiringItem("the client certificate", at, "renew it");
    return steps(List.of(), List.of(item)).get(0).what();
  }
}
