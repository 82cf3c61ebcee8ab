package org.tlsuplift.server.pages;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.tlsuplift.server.insight.overview.ExpiringItem;
import org.tlsuplift.server.inventory.FactCount;

class NextStepsTest {
  private static final Instant NOW = PagesRig.NOW;

  private static List<Overview.NextStep> steps(
      List<FactCount> failures, List<FactCount> refusals, List<ExpiringItem> expiring) {
    return NextSteps.of(List.of(), failures, refusals, expiring, NOW);
  }

  private static FactCount count(String label, long devices) {
    return new FactCount(label, devices, NOW);
  }

  @Test
  void theProblemOfMostDevicesComesFirst() {
    assertThat(steps(List.of(count("no_route", 3)), List.of(count("535 5.7.3", 18)), List.of()))
        .extracting(Overview.NextStep::what)
        .containsExactly("Help 18 devices", "Help 3 devices");
    assertThat(steps(List.of(count("no_route", 3)), List.of(count("535 5.7.3", 2)), List.of()))
        .extracting(Overview.NextStep::what)
        .containsExactly("Help 3 devices", "Help 2 devices");
  }

  @Test
  void aRefusalHasTheRemedyOfItsReply() {
    assertThat(steps(List.of(), List.of(count("535 5.7.3", 1), count("550 5.1.8", 1)), List.of()))
        .singleElement()
        .satisfies(
            step -> {
              assertThat(step.why())
                  .startsWith("Microsoft 365 replies 535 5.7.3: name or password is wrong. ")
                  .endsWith(".");
              assertThat(step.links())
                  .contains(
                      new Overview.Link("Show the device", "/devices?failure=535%205.7.3"),
                      new Overview.Link("Manual", "/manual/microsoft-replies#535-573"));
            });
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
    return steps(List.of(), List.of(), List.of(item)).get(0).what();
  }
}
