package org.tlsuplift.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.tlsuplift.proxy.mail.MailService;
import org.tlsuplift.proxy.mail.MailService.DeviceTls;
import org.tlsuplift.proxy.mail.MailService.OriginTls;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.model.SessionSummary;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.testing.MailOriginServer;
import org.tlsuplift.proxy.testing.MailTalk;
import org.tlsuplift.proxy.testing.Uplift;

/** A mail device that never begins TLS, and whose listener demands it, leaves a remedy. */
@Timeout(300)
class UnencryptedMailTest {
  private static final String REMEDY =
      "; enable STARTTLS in the device, or set 'downstreamTls: optional'";

  @AutoClose private final MailRig rig = new MailRig();

  private Uplift start(MailProtocol protocol, DeviceTls deviceTls) throws Exception {
    MailOriginServer origin = rig.add(new MailOriginServer(talk -> {}));
    return rig.start(
        new MailService(protocol, deviceTls, OriginTls.STARTTLS, false), origin.as("localhost"));
  }

  private static SessionSummary ended(Uplift uplift) {
    await().until(() -> !uplift.observer.closed.isEmpty());
    return uplift.observer.closed.get(0);
  }

  @ParameterizedTest
  @CsvSource({
    "SMTP, MAIL FROM:<a@b>, 530 , QUIT",
    "IMAP, x1 LOGIN a b, x1 NO, x2 LOGOUT",
    "POP3, USER a, -ERR, QUIT"
  })
  void refusedPlaintextIsReportedWithARemedy(
      MailProtocol protocol, String command, String refusal, String quit) throws Exception {
    Uplift uplift = start(protocol, DeviceTls.STARTTLS);
    try (MailTalk device = MailTalk.to(uplift.fixed())) {
      device.hear();
      assertThat(device.ask(command)).startsWith(refusal.strip());
      device.ask(quit);
    }
    assertThat(ended(uplift).reason()).isEqualTo(CloseReason.DEVICE_CLOSED);
    assertThat(ended(uplift).detail()).startsWith("the device does not encrypt").contains(REMEDY);
  }

  @ParameterizedTest
  @EnumSource(names = {"STARTTLS", "OPTIONAL"})
  void refusedPlaintextHasARemedyEvenIfTheDeviceHangsUp(DeviceTls deviceTls) throws Exception {
    Uplift uplift = start(MailProtocol.SMTP, deviceTls);
    try (MailTalk device = MailTalk.to(uplift.fixed())) {
      device.hear();
      assertThat(device.ask("MAIL FROM:<a@b>")).startsWith("530 ");
    }
    assertThat(ended(uplift).detail()).contains(REMEDY);
  }

  @ParameterizedTest
  @EnumSource(MailProtocol.class)
  void aDeviceThatWaitsForAGreetingUnderImplicitTlsIsReportedWithARemedy(MailProtocol protocol)
      throws Exception {
    rig.settings.limits =
        Uplift.limits(
            100, 100, Duration.ofMillis(500), Duration.ofSeconds(5), Duration.ofSeconds(5));
    Uplift uplift = start(protocol, DeviceTls.IMPLICIT);
    try (MailTalk device = MailTalk.to(uplift.fixed())) {
      assertThat(device.atEnd()).isTrue();
    }
    assertThat(ended(uplift).reason()).isEqualTo(CloseReason.NEGOTIATION_TIMEOUT);
    assertThat(ended(uplift).detail())
        .isEqualTo(
            "the device waits for a greeting: it uses STARTTLS or no encryption; use the STARTTLS"
                + " port, or set 'downstreamTls: optional' on this listener");
  }
}
