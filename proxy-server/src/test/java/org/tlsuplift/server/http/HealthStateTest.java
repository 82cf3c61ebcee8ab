package org.tlsuplift.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.tlsuplift.server.feature.Condition;
import org.tlsuplift.server.http.HealthState.Phase;

class HealthStateTest {
  private final HealthState health = new HealthState();

  @Test
  void movesFromStartingToReadyToDraining() {
    assertThat(health.phase()).isEqualTo(Phase.STARTING);
    health.ready();
    assertThat(health.phase()).isEqualTo(Phase.READY);
    health.draining();
    assertThat(health.phase()).isEqualTo(Phase.DRAINING);
  }

  @Test
  void namesTheConditionsThatBelongToHealth() {
    Condition mail = new Condition("mail_waits", "mail waits", "see the log");
    Condition closed =
        new Condition("closed", "the spool refuses new mail: no space left on the disk", "");
    health.watch(() -> List.of(mail, closed.shownInHealth()));
    assertThat(health.withProblems("ready"))
        .isEqualTo("ready; the spool refuses new mail: no space left on the disk");
    health.watch(() -> List.of(mail));
    assertThat(health.withProblems("ready")).isEqualTo("ready");
  }

  @Test
  void staysDrainingWhenTheListenersAreReportedLate() {
    health.draining();
    health.ready();
    assertThat(health.phase()).isEqualTo(Phase.DRAINING);
  }
}
