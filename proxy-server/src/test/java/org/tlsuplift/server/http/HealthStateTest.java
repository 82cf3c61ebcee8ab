package org.tlsuplift.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
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
  void namesTheProblemOfTheSpool() {
    health.watch(() -> "the spool refuses new mail: no space left on the disk");
    assertThat(health.withProblems("ready"))
        .isEqualTo("ready; the spool refuses new mail: no space left on the disk");
    health.watch(() -> "");
    assertThat(health.withProblems("ready")).isEqualTo("ready");
  }

  @Test
  void staysDrainingWhenTheListenersAreReportedLate() {
    health.draining();
    health.ready();
    assertThat(health.phase()).isEqualTo(Phase.DRAINING);
  }
}
