package org.tlsuplift.proxy.signin.dialogue;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.outcome.OriginReply;
import org.tlsuplift.proxy.signin.dialogue.XoauthStep.Refusal;

class PasswordExchangeTest {
  private static final String USER = "scanner@contoso.example";
  private static final String PASSWORD = "pass \"wörd\" \\ 1";
  private static final String PLAIN = base64("\0" + USER + "\0" + PASSWORD);

  @ParameterizedTest
  @CsvSource({
    "SMTP, AUTH LOGIN PLAIN, AUTH PLAIN",
    "SMTP, AUTH=PLAIN LOGIN, AUTH PLAIN",
    "IMAP, AUTH=PLAIN, AUTHENTICATE PLAIN",
  })
  void usesPlainInOneStepIfTheProtocolAllowsIt(
      MailProtocol protocol, String capability, String command) {
    assertThat(exchange(protocol).begin(List.of("SASL-IR", capability)))
        .isEqualTo(new XoauthStep.Send(command + " " + PLAIN));
  }

  @ParameterizedTest
  @CsvSource({
    "IMAP, AUTH=PLAIN, AUTHENTICATE PLAIN, + ",
    "POP3, SASL LOGIN PLAIN XOAUTH2, AUTH PLAIN, +",
  })
  void usesPlainInTwoStepsElsewhere(
      MailProtocol protocol, String capability, String command, String challenge) {
    OriginExchange exchange = exchange(protocol);
    assertThat(exchange.begin(List.of(capability))).isEqualTo(new XoauthStep.Send(command));
    assertThat(exchange.next(List.of(challenge))).isEqualTo(new XoauthStep.Send(PLAIN));
  }

  @Test
  void aPasswordTooLongForOneLineFollowsTheChallenge() {
    String secret = "s".repeat(400);
    OriginExchange exchange = OriginExchange.ofPassword(MailProtocol.SMTP, USER, secret);
    assertThat(exchange.begin(List.of("AUTH PLAIN"))).isEqualTo(new XoauthStep.Send("AUTH PLAIN"));
    assertThat(exchange.next(List.of("334 ")))
        .isEqualTo(new XoauthStep.Send(base64("\0" + USER + "\0" + secret)));
  }

  @ParameterizedTest
  @CsvSource({
    "SMTP, AUTH LOGIN XOAUTH2, AUTH LOGIN, 334 VXNlcm5hbWU6, 334 UGFzc3dvcmQ6",
    "IMAP, AUTH=LOGIN, AUTHENTICATE LOGIN, + VXNlcm5hbWU6, + UGFzc3dvcmQ6",
    "POP3, SASL LOGIN, AUTH LOGIN, + VXNlcm5hbWU6, + UGFzc3dvcmQ6",
  })
  void usesLoginWithoutPlain(
      MailProtocol protocol, String capability, String command, String first, String second) {
    OriginExchange exchange = exchange(protocol);
    assertThat(exchange.begin(List.of(capability))).isEqualTo(new XoauthStep.Send(command));
    assertThat(exchange.next(List.of(first))).isEqualTo(new XoauthStep.Send(base64(USER)));
    assertThat(exchange.next(List.of(second))).isEqualTo(new XoauthStep.Send(base64(PASSWORD)));
    assertThat(exchange.next(List.of(second)))
        .isEqualTo(
            new XoauthStep.Refused(
                Refusal.LASTING, "the origin's reply to LOGIN is one challenge too many", null));
  }

  @ParameterizedTest
  @CsvSource({
    "SMTP, AUTH XOAUTH2 GSSAPI, 'the origin offers neither PLAIN nor LOGIN, only GSSAPI XOAUTH2'",
    "SMTP, SIZE 1000, 'the origin offers neither PLAIN nor LOGIN, and no other sign-in'",
    "IMAP, AUTH=XOAUTH2, 'the origin offers neither PLAIN nor LOGIN, only XOAUTH2'",
    "POP3, USER, 'the origin offers neither PLAIN nor LOGIN, and no other sign-in'",
  })
  void sendsNothingToAnOriginWithoutPasswords(
      MailProtocol protocol, String capability, String detail) {
    assertThat(exchange(protocol).begin(List.of(capability)))
        .isEqualTo(new XoauthStep.Refused(Refusal.LASTING, detail, null));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          SMTP | AUTH PLAIN | 235 2.7.0 Authentication successful
          IMAP | AUTH=PLAIN | U1 OK [CAPABILITY IMAP4rev1] Logged in
          POP3 | SASL PLAIN | +OK Logged in
          """)
  void recognisesASuccess(MailProtocol protocol, String capability, String reply) {
    OriginExchange exchange = exchange(protocol);
    exchange.begin(List.of("SASL-IR", capability));
    if (protocol == MailProtocol.POP3) {
      exchange.next(List.of("+ "));
    }
    assertThat(exchange.next(List.of(reply))).isEqualTo(new XoauthStep.SignedIn(List.of(reply)));
  }

  @Test
  void masksSecretsThatTheOriginRepeats() {
    OriginExchange exchange = exchange(MailProtocol.SMTP);
    exchange.begin(List.of("AUTH PLAIN"));
    assertThat(exchange.next(List.of("535 5.7.3 bad " + PLAIN + " and " + PASSWORD)))
        .isEqualTo(
            new XoauthStep.Refused(
                Refusal.TOKEN,
                "the origin's reply to PLAIN is '535 5.7.3 bad ... and ...'",
                OriginReply.BAD_CREDENTIALS));
  }

  @Test
  void nothingPrintsASecret() {
    OriginExchange exchange = exchange(MailProtocol.SMTP);
    assertThat(exchange + " " + exchange.begin(List.of("AUTH PLAIN")))
        .doesNotContain(PASSWORD, PLAIN, base64(PASSWORD));
  }

  private static OriginExchange exchange(MailProtocol protocol) {
    return OriginExchange.ofPassword(protocol, USER, PASSWORD);
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }
}
