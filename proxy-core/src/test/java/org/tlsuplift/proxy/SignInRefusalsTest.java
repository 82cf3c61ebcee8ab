package org.tlsuplift.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.tlsuplift.proxy.mail.MailService.DeviceTls;
import org.tlsuplift.proxy.mail.MailService.OriginTls;
import org.tlsuplift.proxy.model.DeviceSignIn;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.model.PermitResult;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.outcome.OriginReply;
import org.tlsuplift.proxy.outcome.SignInOutcome;
import org.tlsuplift.proxy.signin.AccountResult;
import org.tlsuplift.proxy.signin.TokenResult;
import org.tlsuplift.proxy.testing.MailTalk;
import org.tlsuplift.proxy.testing.SignInDesk;
import org.tlsuplift.proxy.testing.TestAuthority;
import org.tlsuplift.proxy.testing.Uplift;
import org.tlsuplift.proxy.testing.XoauthOrigin;

/** Each reason to refuse a sign-in has its reply, and leaves no permit behind. */
@Timeout(300)
class SignInRefusalsTest {
  @AutoClose private final SignInRig rig = new SignInRig();
  private final SignInDesk desk = rig.desk;

  @ParameterizedTest
  @EnumSource(MailProtocol.class)
  void temporaryFailuresGetATemporaryReply(MailProtocol protocol) throws Exception {
    XoauthOrigin origin = rig.origin(protocol, OriginTls.IMPLICIT);
    Uplift uplift = rig.start(DeviceTls.IMPLICIT, false, origin);

    desk.accountAnswer = new AccountResult.Unavailable("too many guesses");
    expect(uplift, protocol, SignInOutcome.GUESSES_SLOWED, temporary(protocol));
    desk.accountAnswer = null;
    desk.permitAnswer = new PermitResult.Busy("8 devices are already waiting");
    expect(uplift, protocol, SignInOutcome.MAILBOX_BUSY, busy(protocol));
    desk.permitAnswer = null;
    desk.tokenAnswer = new TokenResult.Unavailable("the identity platform is unreachable");
    expect(uplift, protocol, SignInOutcome.TOKEN_UNAVAILABLE, temporary(protocol));
    assertThat(origin.connections).hasValue(0);
    desk.tokenAnswer = null;
    origin.good.clear();
    origin.refusal =
        switch (protocol) {
          case SMTP -> "454 4.7.0 later";
          case IMAP -> "NO [UNAVAILABLE] later";
          case POP3 -> "-ERR [SYS/TEMP] later";
        };
    expect(uplift, protocol, SignInOutcome.ORIGIN_BUSY, temporary(protocol));
    assertThat(desk.refused).as("no token helps").isEmpty();
    origin.close();
    DeviceSignIn last =
        expect(uplift, protocol, SignInOutcome.ORIGIN_UNAVAILABLE, temporary(protocol));
    assertThat(last.detail()).contains("onnection refused");
    assertThat(uplift.observer.closed.get(4).reason()).isEqualTo(CloseReason.ORIGIN_UNREACHABLE);
  }

  @ParameterizedTest
  @EnumSource(MailProtocol.class)
  void permanentFailuresGetAPermanentReply(MailProtocol protocol) throws Exception {
    XoauthOrigin origin = rig.origin(protocol, OriginTls.IMPLICIT);
    Uplift uplift = rig.start(DeviceTls.IMPLICIT, false, origin);
    desk.tokenAnswer = new TokenResult.Refused("AADSTS7000215: wrong secret");
    expect(uplift, protocol, SignInOutcome.TOKEN_REFUSED, permanent(protocol));
    desk.tokenAnswer = null;
    desk.accountAnswer = new AccountResult.Unknown("no such login");
    expect(uplift, protocol, SignInOutcome.BAD_CREDENTIALS, permanent(protocol));
    assertThat(origin.connections).hasValue(0);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          432 4.3.2 Concurrent connections limit exceeded | 432 4.3.2 | MAILBOX_BUSY | TOO_MANY_CONNECTIONS | 1
          430 4.2.0 STOREDRV; mailbox logon failure       | 454 4.7.0 | ORIGIN_BUSY | MAILBOX_LOGON_FAILURE | 1
          421 4.7.66 TLS 1.0 and 1.1 are not supported    | 454 4.7.0 | ORIGIN_BUSY | TLS_TOO_OLD | 1
          535 5.7.139 SmtpClientAuthentication is disabled | 535 5.7.8 | ORIGIN_REFUSED | SMTP_AUTH_DISABLED | 1
          535 5.7.139 the user credentials were incorrect | 535 5.7.8 | ORIGIN_REFUSED | CREDENTIALS_INCORRECT | 1
          535 5.7.142 the token expires soon              | 535 5.7.8 | ORIGIN_REFUSED | HVE_TOKEN_EXPIRES_SOON | 2
          535 5.7.144 wrong permission                    | 535 5.7.8 | ORIGIN_REFUSED | HVE_WRONG_PERMISSION | 1
          550 5.7.240 not allowed for use with this HVE account | 535 5.7.8 | ORIGIN_REFUSED | HVE_APPLICATION_NOT_ALLOWED | 1
          535 5.2.240 the mailbox is no HVE account       | 535 5.7.8 | ORIGIN_REFUSED | HVE_NOT_HVE_ACCOUNT | 1
          535 5.7.3 Authentication unsuccessful           | 535 5.7.8 | ORIGIN_REFUSED | BAD_CREDENTIALS | 2
          530 5.7.57 Client was not authenticated         | 535 5.7.8 | ORIGIN_REFUSED | NOT_AUTHENTICATED | 1
          501 5.5.124 Invalid XOAUTH2 argument            | 535 5.7.8 | ORIGIN_REFUSED | INVALID_XOAUTH2 | 1
          504 5.7.4 Unrecognized authentication type      | 535 5.7.8 | ORIGIN_REFUSED |  | 1
          """)
  void everyReplyOfMicrosoftMeansSomethingToTheDevice(
      String reply,
      String toDevice,
      SignInOutcome outcome,
      @Nullable OriginReply known,
      int connections)
      throws Exception {
    XoauthOrigin origin = rig.origin(MailProtocol.SMTP, OriginTls.IMPLICIT);
    origin.good.clear();
    origin.explains = false;
    origin.refusal = reply;
    Uplift uplift = rig.start(DeviceTls.IMPLICIT, false, origin);
    DeviceSignIn told = expect(uplift, MailProtocol.SMTP, outcome, toDevice);
    assertThat(told.detail()).contains(reply);
    assertThat(origin.connections).hasValue(connections);
    assertThat(uplift.observer.replies)
        .containsExactlyElementsOf(known == null ? List.of() : List.of(known));
  }

  @Test
  void untrustedOriginGetsNoToken() throws Exception {
    XoauthOrigin origin =
        rig.origin(
            MailProtocol.SMTP, OriginTls.IMPLICIT, TestAuthority.create().serving("localhost"));
    Uplift uplift = rig.start(DeviceTls.IMPLICIT, false, origin);
    expect(uplift, MailProtocol.SMTP, SignInOutcome.ORIGIN_UNAVAILABLE, "454 4.7.0 ");
    assertThat(uplift.observer.closed.get(0).reason())
        .isEqualTo(CloseReason.ORIGIN_CERTIFICATE_INVALID);
    assertThat(origin.heard).isEmpty();
  }

  @Test
  void sendsTheTokenToItsOwnOriginOnly() throws Exception {
    XoauthOrigin origin = rig.origin(MailProtocol.SMTP, OriginTls.STARTTLS);
    desk.origins = SignInDesk.only(new HostPort("smtp.office.example", 587));
    Uplift uplift = rig.start(DeviceTls.STARTTLS, false, origin);
    try (MailTalk device = rig.device(uplift, MailProtocol.SMTP, DeviceTls.STARTTLS)) {
      assertThat(device.ask("AUTH PLAIN " + SignInDesk.plain(SignInDesk.PASSWORD)))
          .startsWith("535 5.7.8 ");
    }
    assertThat(origin.connections).hasValue(0);
    assertThat(desk.tokensAsked).as("no token").hasValue(0);
    assertThat(desk.asked).as("no permit").hasValue(0);
    assertThat(uplift.observer.signIns)
        .singleElement()
        .satisfies(
            attempt -> {
              assertThat(attempt.outcome()).isEqualTo(SignInOutcome.TOKEN_REFUSED);
              assertThat(attempt.detail())
                  .isEqualTo(
                      "the token is for smtp.office.example:587 only; correct "
                          + origin.as("localhost"));
            });
    await().untilAsserted(() -> assertThat(uplift.observer.closed).hasSize(1));
    assertThat(uplift.observer.closed.get(0).reason()).isEqualTo(CloseReason.SIGN_IN_FAILED);
  }

  @Test
  void deviceThatClosesDuringTheTokenRequestReturnsItsPermit() throws Exception {
    XoauthOrigin origin = rig.origin(MailProtocol.SMTP, OriginTls.IMPLICIT);
    Uplift uplift = rig.start(DeviceTls.IMPLICIT, false, origin);
    CompletableFuture<?> gate = new CompletableFuture<>();
    desk.tokenGate = gate;
    try (MailTalk device = device(uplift, MailProtocol.SMTP)) {
      device.say("AUTH PLAIN " + SignInDesk.plain(SignInDesk.PASSWORD));
      await().untilAsserted(() -> assertThat(desk.tokensAsked).hasValue(1));
      assertThat(desk.permits).hasValue(1);
    }
    await().untilAsserted(() -> assertThat(uplift.observer.closed).hasSize(1));
    assertThat(desk.permits).as("told by the device's going alone").hasValue(0);
    assertThat(uplift.observer.signIns)
        .extracting(DeviceSignIn::outcome)
        .containsExactly(SignInOutcome.ABANDONED);
    gate.complete(null);
    // Another complete session ensures that the released step has run.
    expect(uplift, MailProtocol.SMTP, SignInOutcome.SIGNED_IN, "235 ");
    assertThat(origin.connections).hasValue(1);
  }

  @Test
  void proxyShutsDownDuringATokenRequest() throws Exception {
    XoauthOrigin origin = rig.origin(MailProtocol.SMTP, OriginTls.IMPLICIT);
    Uplift uplift = rig.start(DeviceTls.IMPLICIT, false, origin);
    desk.tokenGate = new CompletableFuture<>();
    try (MailTalk device = device(uplift, MailProtocol.SMTP)) {
      device.say("AUTH PLAIN " + SignInDesk.plain(SignInDesk.PASSWORD));
      await().untilAsserted(() -> assertThat(desk.tokensAsked).hasValue(1));
      uplift.close();
      assertThat(device.hear()).startsWith("421 ");
    }
    assertThat(desk.permits).hasValue(0);
  }

  private DeviceSignIn expect(
      Uplift uplift, MailProtocol protocol, SignInOutcome outcome, String reply) throws Exception {
    int before = uplift.observer.closed.size();
    String command =
        switch (protocol) {
          case SMTP, POP3 -> "AUTH PLAIN ";
          case IMAP -> "t AUTHENTICATE PLAIN ";
        };
    try (MailTalk device = device(uplift, protocol)) {
      assertThat(device.ask(command + SignInDesk.plain(SignInDesk.PASSWORD))).startsWith(reply);
    }
    await().untilAsserted(() -> assertThat(uplift.observer.closed).hasSize(before + 1));
    await().untilAsserted(() -> assertThat(desk.permits).hasValue(0));
    DeviceSignIn last = uplift.observer.signIns.get(uplift.observer.signIns.size() - 1);
    assertThat(last.outcome()).isEqualTo(outcome);
    return last;
  }

  private static String temporary(MailProtocol protocol) {
    return switch (protocol) {
      case SMTP -> "454 4.7.0 ";
      case IMAP -> "t NO [UNAVAILABLE] ";
      case POP3 -> "-ERR [SYS/TEMP] ";
    };
  }

  private static String busy(MailProtocol protocol) {
    return protocol == MailProtocol.SMTP ? "432 4.3.2 " : temporary(protocol);
  }

  private static String permanent(MailProtocol protocol) {
    return switch (protocol) {
      case SMTP -> "535 5.7.8 ";
      case IMAP -> "t NO [AUTHENTICATIONFAILED] ";
      case POP3 -> "-ERR [AUTH] ";
    };
  }

  private MailTalk device(Uplift uplift, MailProtocol protocol) throws Exception {
    MailTalk device = rig.device(uplift, protocol, DeviceTls.IMPLICIT);
    if (protocol == MailProtocol.SMTP) {
      device.askUntil("EHLO printer", "250 ");
    }
    return device;
  }
}
