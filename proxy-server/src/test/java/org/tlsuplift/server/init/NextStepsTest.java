package org.tlsuplift.server.init;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.tlsuplift.server.config.SignInConfig;
import org.tlsuplift.server.microsoft365.Cloud;

class NextStepsTest {
  private static final String PASSWORD = "made";
  private static final Choices CHOICES =
      new Choices(
          Path.of("/etc/tls-uplift/tls-uplift.yaml"),
          Path.of("/var/lib/tls-uplift"),
          List.of("uplift.corp.example"),
          Set.of(WayIn.PROXY),
          null,
          null,
          null,
          null,
          Cloud.WORLDWIDE);

  @Test
  void startsTheServiceOfAPackage() {
    assertThat(NextSteps.of(CHOICES, Path.of("ca"), true))
        .anyMatch(line -> line.strip().equals("systemctl enable --now tls-uplift"))
        .noneMatch(line -> line.contains("tls-uplift run"));
  }

  /** The administrator of the tenant has not sent the ID of the application yet. */
  @Test
  void namesTheIdThatIsMissing() {
    Choices pending =
        new Choices(
            CHOICES.config(),
            CHOICES.data(),
            CHOICES.names(),
            Set.of(WayIn.SIGN_IN),
            new Choices.SignIn(
                "contoso.com",
                Choices.SignIn.PENDING,
                null,
                SignInConfig.Flow.APPLICATION,
                Cloud.GCC_HIGH,
                null,
                ApplicationCertificate.of(CHOICES.data(), "contoso.com"),
                false),
            null,
            null,
            null,
            Cloud.GCC_HIGH);
    assertThat(NextSteps.of(pending, Path.of("ca"), false))
        .anyMatch(
            line ->
                line.strip()
                    .equals(
                        "tls-uplift tenant setup --yes --write --tenant contoso.com --application-id \"LINE OF IDS\""
                            + " --config /etc/tls-uplift/tls-uplift.yaml"))
        .anyMatch(line -> line.strip().startsWith("tls-uplift tenant check --wait --config "));
    assertThat(ConfigDraft.of(pending, PASSWORD))
        .contains("# replace it with the application ID of the script", "  cloud: gcc-high ");
  }

  @Test
  void runsTheProgramWithoutAService() {
    assertThat(NextSteps.of(CHOICES, Path.of("ca"), false))
        .anyMatch(
            line -> line.strip().equals("tls-uplift run --config /etc/tls-uplift/tls-uplift.yaml"))
        .noneMatch(line -> line.contains("systemctl"));
  }
}
