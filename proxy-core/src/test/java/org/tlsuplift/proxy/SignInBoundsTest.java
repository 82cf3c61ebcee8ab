package org.tlsuplift.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.LoggerFactory;
import org.tlsuplift.proxy.mail.MailService.DeviceTls;
import org.tlsuplift.proxy.mail.MailService.OriginTls;
import org.tlsuplift.proxy.model.Action;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.outcome.SignInOutcome;
import org.tlsuplift.proxy.signin.AccountResult;
import org.tlsuplift.proxy.testing.MailTalk;
import org.tlsuplift.proxy.testing.SignInDesk;
import org.tlsuplift.proxy.testing.Uplift;
import org.tlsuplift.proxy.testing.XoauthOrigin;

/** The conditions, the time limits and the confidentiality of a sign-in. */
@Timeout(300)
class SignInBoundsTest {
  private static final String AUTH = "AUTH PLAIN " + SignInDesk.plain(SignInDesk.PASSWORD);

  @AutoClose private final SignInRig rig = new SignInRig();
  private final SignInDesk desk = rig.desk;

  @Test
  void plaintextIsForListenersThatAllowIt() throws Exception {
    XoauthOrigin origin = rig.origin(MailProtocol.SMTP, OriginTls.IMPLICIT);
    Uplift uplift = rig.start(DeviceTls.OPTIONAL, true, origin);
    try (MailTalk device = MailTalk.to(uplift.fixed())) {
      assertThat(device.hear()).startsWith("220 ");
      assertThat(device.askUntil("EHLO printer", "250 "))
          .isEqualTo("250-localhost\n250-AUTH PLAIN LOGIN\n250 STARTTLS\n");
      assertThat(device.ask("AUTH PLAIN " + SignInDesk.plain("wrong"))).startsWith("535 ");
      assertThat(device.ask("STARTTLS")).startsWith("503 ");
      device.say(AUTH).say("MAIL FROM:<a@b.example>");
      assertThat(device.hear()).startsWith("235 ");
      assertThat(device.hear()).isEqualTo("heard MAIL FROM:<a@b.example>");
    }
    assertThat(origin.heard.get(0)).isEqualTo("EHLO printer");
    assertThat(uplift.observer.plaintext).containsExactly(MailProtocol.SMTP);
    await().untilAsserted(() -> assertThat(uplift.observer.closed).hasSize(1));
    assertThat(uplift.observer.closed.get(0).action()).isEqualTo(Action.BRIDGE);
    assertThat(uplift.observer.closed.get(0).originHandshake()).isNotNull();
  }

  @Test
  void imapInPlaintextReadsLiterals() throws Exception {
    XoauthOrigin origin = rig.origin(MailProtocol.IMAP, OriginTls.IMPLICIT);
    Uplift uplift = rig.start(DeviceTls.OPTIONAL, true, origin);
    String password =
        new String(
            SignInDesk.PASSWORD.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    try (MailTalk device = MailTalk.to(uplift.fixed())) {
      assertThat(device.hear()).startsWith("* OK ");
      assertThat(device.askUntil("t CAPABILITY", "t "))
          .startsWith("* CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN AUTH=LOGIN STARTTLS\n");
      assertThat(
              device.ask(
                  "t LOGIN {7+}\r\n"
                      + SignInDesk.LOGIN
                      + " {"
                      + password.length()
                      + "+}\r\n"
                      + password))
          .startsWith("t OK ");
    }
  }

  @Test
  void plaintextAfterStartTlsEndsTheSession() throws Exception {
    XoauthOrigin origin = rig.origin(MailProtocol.SMTP, OriginTls.IMPLICIT);
    Uplift uplift = rig.start(DeviceTls.STARTTLS, false, origin);
    try (MailTalk device = MailTalk.to(uplift.fixed())) {
      device.hear();
      assertThat(device.ask("STARTTLS\r\n" + AUTH)).startsWith("421 ");
      assertThat(device.atEnd()).isTrue();
    }
    await().untilAsserted(() -> assertThat(uplift.observer.closed).hasSize(1));
    assertThat(uplift.observer.closed.get(0).reason())
        .isEqualTo(CloseReason.PLAINTEXT_AFTER_STARTTLS);
    assertThat(desk.checked).isEmpty();
    assertThat(origin.connections).hasValue(0);
  }

  @Test
  void timesOutADeviceThatStopsSending() throws Exception {
    rig.settings().limits =
        Uplift.limits(9, 9, Duration.ofMillis(300), Duration.ofSeconds(5), Duration.ofMinutes(1));
    XoauthOrigin origin = rig.origin(MailProtocol.SMTP, OriginTls.IMPLICIT);
    Uplift uplift = rig.start(DeviceTls.IMPLICIT, false, origin);
    try (MailTalk device = rig.device(uplift, MailProtocol.SMTP, DeviceTls.IMPLICIT)) {
      assertThat(device.send("AUTH PLAIN AG").hear()).startsWith("421 ");
      assertThat(device.atEnd()).isTrue();
    }
    await().untilAsserted(() -> assertThat(uplift.observer.closed).hasSize(1));
    assertThat(uplift.observer.closed.get(0).reason()).isEqualTo(CloseReason.NEGOTIATION_TIMEOUT);
  }

  @Test
  void cancelsTheAccountCheckWhenTheDeviceCloses() throws Exception {
    CompletableFuture<AccountResult> answer = new CompletableFuture<>();
    desk.accountGate = answer;
    XoauthOrigin origin = rig.origin(MailProtocol.SMTP, OriginTls.IMPLICIT);
    Uplift uplift = rig.start(DeviceTls.IMPLICIT, false, origin);
    try (MailTalk device = rig.device(uplift, MailProtocol.SMTP, DeviceTls.IMPLICIT)) {
      device.say(AUTH);
      await().untilAsserted(() -> assertThat(desk.checked).hasSize(1));
      assertThat(answer).isNotDone();
    }
    await().untilAsserted(() -> assertThat(answer).isCancelled());
  }

  @Test
  void limitsTheNumberOfCommandsBeforeTheSignIn() throws Exception {
    XoauthOrigin origin = rig.origin(MailProtocol.SMTP, OriginTls.IMPLICIT);
    Uplift uplift = rig.start(DeviceTls.IMPLICIT, false, origin);
    try (MailTalk device = rig.device(uplift, MailProtocol.SMTP, DeviceTls.IMPLICIT)) {
      for (int i = 0; i < 64; i++) {
        assertThat(device.ask("NOOP")).startsWith("250 ");
      }
      assertThat(device.askUntil("NOOP", "421 ")).contains("421 4.3.0 more than 64 commands");
      assertThat(device.atEnd()).isTrue();
    }
    await().untilAsserted(() -> assertThat(uplift.observer.closed).hasSize(1));
    assertThat(uplift.observer.closed.get(0).reason()).isEqualTo(CloseReason.NEGOTIATION_REFUSED);
  }

  @ParameterizedTest
  @EnumSource(MailProtocol.class)
  void noSecretIsLoggedAtTheFinestLevel(MailProtocol protocol) throws Exception {
    Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    Level before = root.getLevel();
    ListAppender<ILoggingEvent> log = new ListAppender<>();
    log.start();
    root.addAppender(log);
    root.setLevel(Level.TRACE);
    desk.tokens.add(0, "stale-token");
    XoauthOrigin origin = rig.origin(protocol, OriginTls.IMPLICIT);
    String command = protocol == MailProtocol.IMAP ? "t AUTHENTICATE PLAIN " : "AUTH PLAIN ";
    try {
      Uplift uplift = rig.start(DeviceTls.IMPLICIT, false, origin);
      try (MailTalk device = rig.device(uplift, protocol, DeviceTls.IMPLICIT)) {
        device.ask(command + SignInDesk.plain("guessed-secret"));
        assertThat(device.ask(command + SignInDesk.plain(SignInDesk.PASSWORD)))
            .contains(protocol == MailProtocol.SMTP ? "235" : "OK");
      }
      origin.good.clear();
      try (MailTalk device = rig.device(uplift, protocol, DeviceTls.IMPLICIT)) {
        device.ask(command + SignInDesk.plain(SignInDesk.PASSWORD));
      }
      await().untilAsserted(() -> assertThat(uplift.observer.closed).hasSize(2));
      assertThat(uplift.observer.signIns)
          .extracting("outcome")
          .containsExactly(
              SignInOutcome.BAD_CREDENTIALS, SignInOutcome.SIGNED_IN, SignInOutcome.ORIGIN_REFUSED);
      List<String> told = new ArrayList<>();
      log.list.forEach(
          event ->
              told.add(
                  event.getFormattedMessage()
                      + event.getKeyValuePairs()
                      + event.getThrowableProxy()));
      told.add(uplift.observer.signIns + "" + uplift.observer.closed);
      assertThat(told).anySatisfy(line -> assertThat(line).contains("sign-in ended"));
      List<String> secrets = desk.secrets();
      secrets.add("guessed-secret");
      secrets.add(SignInDesk.plain("guessed-secret"));
      for (String secret : secrets) {
        assertThat(told).noneSatisfy(line -> assertThat(line).contains(secret));
      }
    } finally {
      root.setLevel(before);
      root.detachAppender(log);
    }
  }
}
