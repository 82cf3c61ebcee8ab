package org.tlsuplift.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlsuplift.proxy.mail.MailService.DeviceTls;
import org.tlsuplift.proxy.mail.MailService.OriginTls;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.outcome.MessageRefusal;
import org.tlsuplift.proxy.outcome.SignInOutcome;
import org.tlsuplift.proxy.testing.MailTalk;
import org.tlsuplift.proxy.testing.SignInDesk;
import org.tlsuplift.proxy.testing.Uplift;
import org.tlsuplift.proxy.testing.XoauthOrigin;

/** SMTP devices sign in to the proxy, which signs in to the origin, with real handshakes. */
@Timeout(300)
class SignInTest {
  private static final String SIGNED_IN = "235 2.7.0 Authentication successful";

  @AutoClose private final SignInRig rig = new SignInRig();
  private final SignInDesk desk = rig.desk;

  @ParameterizedTest
  @CsvSource({
    "STARTTLS,STARTTLS",
    "STARTTLS,IMPLICIT",
    "IMPLICIT,STARTTLS",
    "IMPLICIT,IMPLICIT",
    "OPTIONAL,STARTTLS",
  })
  void signsInWithEveryFormOfTls(DeviceTls deviceTls, OriginTls originTls) throws Exception {
    XoauthOrigin origin = rig.origin(MailProtocol.SMTP, originTls);
    Uplift uplift = rig.start(deviceTls, false, origin);
    try (MailTalk device = rig.device(uplift, MailProtocol.SMTP, deviceTls)) {
      assertThat(device.askUntil("EHLO printer", "250 "))
          .isEqualTo("250-localhost\n250 AUTH PLAIN LOGIN\n");
      assertThat(origin.connections).as("nobody dials before the sign-in").hasValue(0);
      assertThat(device.ask("AUTH PLAIN " + SignInDesk.plain(SignInDesk.PASSWORD)))
          .isEqualTo(SIGNED_IN);
      assertThat(desk.permits).hasValue(1);
      assertThat(device.ask("MAIL FROM:<a@b.example>")).isEqualTo("heard MAIL FROM:<a@b.example>");
    }
    assertThat(origin.signedIn).containsExactly(SignInDesk.MAILBOX);
    assertThat(origin.heard.get(0)).isEqualTo("EHLO printer");
    assertThat(origin.heard.get(1)).as("one step").startsWith("AUTH XOAUTH2 dXNlcj1");
    await().untilAsserted(() -> assertThat(desk.permits).hasValue(0));
    assertThat(uplift.observer.signIns)
        .hasSize(1)
        .allMatch(s -> s.outcome() == SignInOutcome.SIGNED_IN);
    assertThat(uplift.observer.signIns.get(0).mailbox()).isEqualTo(SignInDesk.MAILBOX);
    assertThat(origin.failures()).isEmpty();
  }

  @Test
  void signsInByEveryForm() throws Exception {
    XoauthOrigin origin = rig.origin(MailProtocol.SMTP, OriginTls.STARTTLS);
    Uplift uplift = rig.start(DeviceTls.STARTTLS, false, origin);
    String login = SignInDesk.base64(SignInDesk.LOGIN);
    String password = SignInDesk.base64(SignInDesk.PASSWORD);
    List<List<String>> forms =
        List.of(
            List.of("AUTH PLAIN", SignInDesk.plain(SignInDesk.PASSWORD)),
            List.of("auth  plain", SignInDesk.plain(SignInDesk.PASSWORD)),
            List.of("AUTH LOGIN", login, password),
            List.of("AUTH LOGIN " + login, password));
    for (List<String> form : forms) {
      try (MailTalk device = rig.device(uplift, MailProtocol.SMTP, DeviceTls.STARTTLS)) {
        for (String line : form.subList(0, form.size() - 1)) {
          assertThat(device.ask(line)).startsWith("334 ");
        }
        assertThat(device.ask(form.get(form.size() - 1))).isEqualTo(SIGNED_IN);
      }
    }
    assertThat(origin.signedIn).hasSize(4);
  }

  @ParameterizedTest
  @ValueSource(strings = {"BDAT", "LONG"})
  void sessionThatTheGuardEndsAtSignInReturnsItsPermit(String bad) throws Exception {
    XoauthOrigin origin = rig.origin(MailProtocol.SMTP, OriginTls.IMPLICIT);
    Uplift uplift = rig.start(DeviceTls.IMPLICIT, false, origin);
    String line = bad.equals("LONG") ? "x".repeat(5000) : bad;
    try (MailTalk device = rig.device(uplift, MailProtocol.SMTP, DeviceTls.IMPLICIT)) {
      device.say("AUTH PLAIN " + SignInDesk.plain(SignInDesk.PASSWORD) + "\r\n" + line);
      assertThat(device.hear()).isEqualTo(SIGNED_IN);
      assertThat(device.hear()).startsWith("50");
      assertThat(device.hear()).startsWith("421 ");
      assertThat(device.atEnd()).isTrue();
    }
    await().untilAsserted(() -> assertThat(desk.permits).hasValue(0));
    await().untilAsserted(() -> assertThat(uplift.proxy().sessions()).isZero());
    assertThat(uplift.observer.closed)
        .extracting("reason")
        .containsExactly(CloseReason.DEVICE_PROTOCOL_ERROR);
  }

  @Test
  void nextDeviceGetsTheCapabilitiesOfTheOrigin() throws Exception {
    XoauthOrigin origin = rig.origin(MailProtocol.SMTP, OriginTls.STARTTLS);
    Uplift uplift = rig.start(DeviceTls.STARTTLS, false, origin);
    try (MailTalk device = rig.device(uplift, MailProtocol.SMTP, DeviceTls.STARTTLS)) {
      device.ask("AUTH PLAIN " + SignInDesk.plain(SignInDesk.PASSWORD));
    }
    try (MailTalk device = rig.device(uplift, MailProtocol.SMTP, DeviceTls.STARTTLS)) {
      assertThat(device.askUntil("EHLO printer", "250 "))
          .isEqualTo(
              """
              250-localhost
              250-SIZE 157286400
              250-PIPELINING
              250-DSN
              250-ENHANCEDSTATUSCODES
              250-8BITMIME
              250-SMTPUTF8
              250 AUTH PLAIN LOGIN
              """);
    }
  }

  @Test
  void refusesAMessageLargerThanTheOriginAcceptsBeforeItsData() throws Exception {
    XoauthOrigin origin = rig.origin(MailProtocol.SMTP, OriginTls.STARTTLS);
    Uplift uplift = rig.start(DeviceTls.STARTTLS, false, origin);
    try (MailTalk device = rig.device(uplift, MailProtocol.SMTP, DeviceTls.STARTTLS)) {
      device.ask("AUTH PLAIN " + SignInDesk.plain(SignInDesk.PASSWORD));
      assertThat(device.ask("MAIL FROM:<a@b.example> SIZE=157286401"))
          .startsWith("552 5.3.4 The message is larger than the 157286400 bytes");
    }
  }

  @Test
  void aWrongPasswordReachesNeitherOriginNorPlatform() throws Exception {
    XoauthOrigin origin = rig.origin(MailProtocol.SMTP, OriginTls.STARTTLS);
    Uplift uplift = rig.start(DeviceTls.STARTTLS, false, origin);
    try (MailTalk device = rig.device(uplift, MailProtocol.SMTP, DeviceTls.STARTTLS)) {
      assertThat(device.ask("AUTH PLAIN " + SignInDesk.plain("guess"))).startsWith("535 5.7.8 ");
      assertThat(device.ask("MAIL FROM:<a@b.example>")).startsWith("530 5.7.0 ");
      assertThat(device.ask("AUTH PLAIN " + SignInDesk.plain("again"))).startsWith("535 5.7.8 ");
      assertThat(device.hear()).startsWith("421 ");
      assertThat(device.atEnd()).isTrue();
    }
    assertThat(origin.connections).hasValue(0);
    assertThat(desk.asked).hasValue(0);
    assertThat(desk.tokensAsked).hasValue(0);
    await().untilAsserted(() -> assertThat(uplift.observer.closed).hasSize(1));
    assertThat(uplift.observer.closed.get(0).reason()).isEqualTo(CloseReason.SIGN_IN_FAILED);
    assertThat(uplift.observer.signIns)
        .extracting("outcome")
        .containsExactly(
            SignInOutcome.BAD_CREDENTIALS,
            SignInOutcome.NOT_ADMITTED,
            SignInOutcome.BAD_CREDENTIALS);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aRefusedTokenIsRenewedOnce(boolean explains) throws Exception {
    XoauthOrigin origin = rig.origin(MailProtocol.SMTP, OriginTls.STARTTLS);
    origin.explains = explains;
    desk.tokens.add(0, "stale-token");
    Uplift uplift = rig.start(DeviceTls.STARTTLS, false, origin);
    try (MailTalk device = rig.device(uplift, MailProtocol.SMTP, DeviceTls.STARTTLS)) {
      assertThat(device.ask("AUTH PLAIN " + SignInDesk.plain(SignInDesk.PASSWORD)))
          .isEqualTo(SIGNED_IN);
      assertThat(device.ask("NOOP")).isEqualTo("heard NOOP");
    }
    assertThat(desk.refused).containsExactly("stale-token");
    assertThat(origin.connections).hasValue(2);
    assertThat(uplift.observer.replies).as("a refusal that did not stand").isEmpty();
  }

  @Test
  void signsInToTheOriginInTwoStepsWhereTheTokenIsLong() throws Exception {
    XoauthOrigin origin = rig.origin(MailProtocol.SMTP, OriginTls.STARTTLS);
    String token = "t".repeat(4000);
    origin.good.add(token);
    desk.tokens.add(0, token);
    Uplift uplift = rig.start(DeviceTls.STARTTLS, false, origin);
    try (MailTalk device = rig.device(uplift, MailProtocol.SMTP, DeviceTls.STARTTLS)) {
      assertThat(device.ask("AUTH PLAIN " + SignInDesk.plain(SignInDesk.PASSWORD)))
          .isEqualTo(SIGNED_IN);
    }
    assertThat(origin.heard).contains("AUTH XOAUTH2");
  }

  @Test
  void signsInADeviceByItsAddress() throws Exception {
    desk.admitsByAddress = true;
    XoauthOrigin origin = rig.origin(MailProtocol.SMTP, OriginTls.STARTTLS);
    Uplift uplift = rig.start(DeviceTls.STARTTLS, false, origin);
    try (MailTalk device = rig.device(uplift, MailProtocol.SMTP, DeviceTls.STARTTLS)) {
      device.askUntil("EHLO old_printer", "250 ");
      device.say("MAIL FROM:<a@b.example>").say("RCPT TO:<c@d.example>");
      assertThat(device.hear()).isEqualTo("heard MAIL FROM:<a@b.example>");
      assertThat(device.hear()).isEqualTo("heard RCPT TO:<c@d.example>");
    }
    assertThat(origin.heard.get(0)).as("no domain name").isEqualTo("EHLO [127.0.0.1]");
    assertThat(uplift.observer.signIns.get(0).byAddress()).isTrue();
  }

  @Test
  void guardChecksCommandsSentWithTheSignIn() throws Exception {
    desk.allowedSenders = List.of("@b.example");
    XoauthOrigin origin = rig.origin(MailProtocol.SMTP, OriginTls.STARTTLS);
    Uplift uplift = rig.start(DeviceTls.STARTTLS, false, origin);
    try (MailTalk device = rig.device(uplift, MailProtocol.SMTP, DeviceTls.STARTTLS)) {
      device.send(
          "AUTH PLAIN "
              + SignInDesk.plain(SignInDesk.PASSWORD)
              + "\r\nMAIL FROM:<ceo@contoso.example>\r\nMAIL FROM:<a@b.example>\r\n");
      assertThat(device.hear()).isEqualTo(SIGNED_IN);
      assertThat(device.hear()).startsWith("550 5.7.60 ");
      assertThat(device.hear()).isEqualTo("heard MAIL FROM:<a@b.example>");
    }
    assertThat(uplift.observer.refusals).containsExactly(MessageRefusal.SENDER_NOT_ALLOWED);
  }
}
