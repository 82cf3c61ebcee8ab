package org.tlsuplift.proxy.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.tlsuplift.proxy.mail.MailService;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.session.SessionState.InspectingHello;

/** Whether a device that leaves before its ClientHello was looking or waiting. */
class SessionStateTest {
  private static final HostPort MAIL = new HostPort("mail.example", 465);
  private static final Duration LONG = Duration.ofSeconds(3);

  private static InspectingHello implicit() {
    return new InspectingHello(MAIL, MailService.ofPort(MAIL.port()).orElseThrow(), null);
  }

  @Test
  void lateCloseOfAMailDeviceGetsTheRemedyForStartTls() {
    assertThat(implicit().unfinished(LONG))
        .isNotNull()
        .satisfies(why -> assertThat(why.remedy()).contains("STARTTLS port"));
  }

  @Test
  void aCheckOfAPortIsNoFailure() {
    assertThat(implicit().unfinished(Duration.ofSeconds(1))).isNull();
  }

  @Test
  void otherDevicesWaitForNoGreeting() {
    assertThat(new InspectingHello(MAIL, null, null).unfinished(LONG)).isNull();
  }
}
