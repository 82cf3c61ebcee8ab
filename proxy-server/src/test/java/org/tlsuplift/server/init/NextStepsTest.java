package org.tlsuplift.server.init;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class NextStepsTest {
  private static final Choices CHOICES =
      new Choices(
          Path.of("/etc/tls-uplift/tls-uplift.yaml"),
          Path.of("/var/lib/tls-uplift"),
          List.of("uplift.corp.example"),
          Set.of(WayIn.PROXY),
          null,
          null,
          null);

  @Test
  void startsTheServiceOfAPackage() {
    assertThat(NextSteps.of(CHOICES, Path.of("ca"), true))
        .anyMatch(line -> line.strip().equals("systemctl enable --now tls-uplift"))
        .noneMatch(line -> line.contains("tls-uplift run"));
  }

  @Test
  void runsTheProgramWithoutAService() {
    assertThat(NextSteps.of(CHOICES, Path.of("ca"), false))
        .anyMatch(
            line -> line.strip().equals("tls-uplift run --config /etc/tls-uplift/tls-uplift.yaml"))
        .noneMatch(line -> line.contains("systemctl"));
  }
}
