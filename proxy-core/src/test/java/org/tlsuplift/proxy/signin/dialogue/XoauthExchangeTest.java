package org.tlsuplift.proxy.signin.dialogue;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.signin.AccessToken;
import org.tlsuplift.proxy.signin.dialogue.XoauthStep.Refusal;

class XoauthExchangeTest {
  private static final String SHORT = "dXNlcj1hQGIBYXV0aD1CZWFyZXIgdG9rZW4BAQ==";

  @ParameterizedTest
  @CsvSource({
    "SMTP, AUTH XOAUTH2 " + SHORT,
    "IMAP, AUTHENTICATE XOAUTH2 " + SHORT,
    "POP3, AUTH XOAUTH2"
  })
  void sendsTheTokenInOneStepIfTheProtocolAllowsIt(MailProtocol protocol, String opening) {
    assertThat(opening(exchange(protocol, "token"), List.of("SASL-IR"))).isEqualTo(opening);
  }

  @ParameterizedTest
  @CsvSource({
    "SMTP, 4000, SIZE, AUTH XOAUTH2, 334 ",
    "IMAP, 20, IDLE, AUTHENTICATE XOAUTH2, + ",
    "IMAP, 8000, SASL-IR, AUTHENTICATE XOAUTH2, +",
    "POP3, 20, TOP, AUTH XOAUTH2, + "
  })
  void sendsTheTokenInTwoStepsOtherwise(
      MailProtocol protocol, int length, String capability, String opening, String challenge) {
    OriginExchange exchange = exchange(protocol, "t".repeat(length));
    assertThat(opening(exchange, List.of(capability))).isEqualTo(opening);
    assertThat(exchange.next(List.of(challenge)))
        .isInstanceOfSatisfying(
            XoauthStep.Send.class, say -> assertThat(say.line()).hasSizeGreaterThan(length));
  }

  @ParameterizedTest
  @EnumSource(MailProtocol.class)
  void answersAnExplanationOnceAndThenGivesUp(MailProtocol protocol) {
    OriginExchange exchange = exchange(protocol, "token");
    List<String> challenge =
        List.of((protocol == MailProtocol.SMTP ? "334 " : "+ ") + "eyJzdGF0dXMiOiI0MDEifQ==");
    if (opening(exchange, List.of("SASL-IR")).equals("AUTH XOAUTH2")) {
      assertThat(exchange.next(challenge)).isEqualTo(new XoauthStep.Send(SHORT));
    }
    assertThat(exchange.next(challenge)).isEqualTo(new XoauthStep.Send(""));
    assertThat(exchange.next(challenge)).isEqualTo(new XoauthStep.Send("*"));
    assertThat(exchange.next(challenge)).isInstanceOf(XoauthStep.Refused.class);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          SMTP | 535 5.7.3 Authentication unsuccessful | TOKEN
          SMTP | 535 5.7.8 Error: authentication failed | TOKEN
          SMTP | 535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled | LASTING
          SMTP | 535 5.7.142 expires soon | TOKEN
          SMTP | 535 5.7.144 wrong permission | LASTING
          SMTP | 432 4.3.2 Concurrent connections limit exceeded | MAILBOX_BUSY
          SMTP | 421 4.3.2 Service not available | PASSING
          SMTP | 550 5.7.30 Basic authentication is not supported | LASTING
          IMAP | U1 NO AUTHENTICATE failed. | TOKEN
          IMAP | U1 NO User is authenticated but not connected. | LASTING
          IMAP | U1 NO [AUTHENTICATIONFAILED] Authentication failed. | TOKEN
          IMAP | U1 NO [UNAVAILABLE] Server is busy | PASSING
          IMAP | * BYE Too many connections | PASSING
          IMAP | U1 BAD Command Argument Error. 11 | LASTING
          POP3 | -ERR Authentication failure: unknown user name or bad password. | TOKEN
          POP3 | -ERR [AUTH] Authentication failed. | TOKEN
          POP3 | -ERR [SYS/TEMP] Server busy | PASSING
          POP3 | -ERR [IN-USE] Mailbox is in use | PASSING
          """)
  void classifiesRefusals(MailProtocol protocol, String reply, Refusal refusal) {
    OriginExchange exchange = exchange(protocol, "token");
    opening(exchange, List.of("SASL-IR"));
    assertThat(exchange.next(List.of(reply)))
        .isInstanceOfSatisfying(
            XoauthStep.Refused.class,
            refused -> {
              assertThat(refused.refusal()).isEqualTo(refusal);
              assertThat(refused.detail()).contains(reply);
            });
  }

  @Test
  void masksSecretsThatTheOriginRepeats() {
    OriginExchange exchange = exchange(MailProtocol.IMAP, "token");
    String line = opening(exchange, List.of("SASL-IR"));
    assertThat(exchange.next(List.of("U1 BAD unknown: " + line + " token " + "x".repeat(300))))
        .isInstanceOfSatisfying(
            XoauthStep.Refused.class,
            refused ->
                assertThat(refused.detail())
                    .isEqualTo(
                        "the origin's reply to XOAUTH2 is 'U1 BAD unknown: AUTHENTICATE XOAUTH2 ... ... ...'"));
  }

  @Test
  void nothingPrintsASecret() {
    OriginExchange exchange = exchange(MailProtocol.SMTP, "token");
    assertThat(
            exchange + opening(exchange, List.of()).replace(SHORT, "") + new XoauthStep.Send(SHORT))
        .doesNotContain("token", SHORT);
  }

  @ParameterizedTest
  @CsvSource({
    "EHLO printer, printer",
    "HELO scan-1.corp.example, scan-1.corp.example",
    "EHLO [192.0.2.7], [192.0.2.7]",
    "EHLO [IPv6:2001:db8::1], [IPv6:2001:db8::1]",
    "EHLO my_printer,",
    "EHLO two words,",
    "EHLO -x,",
    "EHLO,",
    "EHLO a..b,"
  })
  void sendsTheNameOfTheDeviceIfItIsValid(String introduction, String name) {
    assertThat(OwnName.of(introduction)).isEqualTo(name);
  }

  private static String opening(OriginExchange exchange, List<String> capabilities) {
    return ((XoauthStep.Send) exchange.begin(capabilities)).line();
  }

  private static OriginExchange exchange(MailProtocol protocol, String token) {
    return OriginExchange.ofToken(protocol, "a@b", new AccessToken(token, Instant.MAX));
  }
}
