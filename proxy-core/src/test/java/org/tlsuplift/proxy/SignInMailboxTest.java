package org.tlsuplift.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.tlsuplift.proxy.mail.MailService.DeviceTls;
import org.tlsuplift.proxy.mail.MailService.OriginTls;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.outcome.OriginReply;
import org.tlsuplift.proxy.outcome.SignInOutcome;
import org.tlsuplift.proxy.testing.MailTalk;
import org.tlsuplift.proxy.testing.SignInDesk;
import org.tlsuplift.proxy.testing.Uplift;
import org.tlsuplift.proxy.testing.XoauthOrigin;

/** IMAP and POP3 devices sign in to the proxy, which signs in to the origin. */
@Timeout(300)
class SignInMailboxTest {
  /** The bytes of a device that sends UTF-8. */
  private static final String PASSWORD =
      new String(SignInDesk.PASSWORD.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);

  private static final String QUOTED =
      "\"" + PASSWORD.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";

  @AutoClose private final SignInRig rig = new SignInRig();
  private final SignInDesk desk = rig.desk;

  @ParameterizedTest
  @CsvSource({
    "IMAP,STARTTLS,STARTTLS",
    "IMAP,IMPLICIT,IMPLICIT",
    "POP3,STARTTLS,STARTTLS",
    "POP3,IMPLICIT,IMPLICIT"
  })
  void signsInWithEveryFormOfTls(MailProtocol protocol, DeviceTls deviceTls, OriginTls originTls)
      throws Exception {
    XoauthOrigin origin = rig.origin(protocol, originTls);
    Uplift uplift = rig.start(deviceTls, false, origin);
    try (MailTalk device = rig.device(uplift, protocol, deviceTls)) {
      if (protocol == MailProtocol.IMAP) {
        assertThat(device.askUntil("a0 CAPABILITY", "a0 "))
            .isEqualTo(
                "* CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN AUTH=LOGIN\na0 OK CAPABILITY completed\n");
        assertThat(device.askUntil("a1 ID (\"name\" \"mbsync\")", "a1 ")).contains("* ID NIL\n");
        assertThat(device.ask("a2 NOOP")).startsWith("a2 OK ");
        assertThat(device.ask("a3 SELECT INBOX")).startsWith("a3 BAD ");
        assertThat(device.ask("a4 LOGIN " + SignInDesk.LOGIN + " " + QUOTED))
            .isEqualTo("a4 OK Signed in");
        assertThat(device.ask("a5 SELECT INBOX")).isEqualTo("heard a5 SELECT INBOX");
      } else {
        assertThat(device.askUntil("CAPA", "."))
            .isEqualTo("+OK Capability list follows\nTOP\nUIDL\nUSER\nSASL PLAIN LOGIN\n.\n");
        assertThat(device.ask("STAT")).startsWith("-ERR ");
        assertThat(device.ask("USER " + SignInDesk.LOGIN)).startsWith("+OK ");
        assertThat(device.ask("PASS " + PASSWORD)).startsWith("+OK ");
        assertThat(device.ask("STAT")).isEqualTo("heard STAT");
      }
    }
    assertThat(origin.signedIn).containsExactly(SignInDesk.MAILBOX);
    await().untilAsserted(() -> assertThat(desk.permits).hasValue(0));
    assertThat(desk.checked)
        .allSatisfy(credential -> assertThat(credential.password()).containsOnly('\0'));
    assertThat(origin.failures()).isEmpty();
  }

  /** Exchange Online has it over TLS, and old devices then give up before they send anything. */
  @ParameterizedTest
  @EnumSource
  void imapHidesLoginDisabledFromDevices(DeviceTls deviceTls) throws Exception {
    XoauthOrigin origin = rig.origin(MailProtocol.IMAP, OriginTls.IMPLICIT);
    origin.acceptance =
        "OK [CAPABILITY IMAP4rev1 LOGINDISABLED AUTH=XOAUTH2 IDLE LOGINDISABLED] Done";
    Uplift uplift = rig.start(deviceTls, false, origin);
    for (int device = 0; device < 2; device++) {
      try (MailTalk talk = rig.device(uplift, MailProtocol.IMAP, deviceTls)) {
        assertThat(talk.askUntil("a1 CAPABILITY", "a1 "))
            .contains("AUTH=PLAIN")
            .contains(device == 0 ? "IMAP4rev1" : "UIDPLUS")
            .doesNotContain("LOGINDISABLED", "XOAUTH2");
        assertThat(talk.ask("a2 AUTHENTICATE PLAIN " + SignInDesk.plain(SignInDesk.PASSWORD)))
            .isEqualTo("a2 OK [CAPABILITY IMAP4rev1 AUTH=XOAUTH2 IDLE] Signed in");
      }
    }
  }

  @Test
  void imapSignsInByEveryForm() throws Exception {
    XoauthOrigin origin = rig.origin(MailProtocol.IMAP, OriginTls.IMPLICIT);
    Uplift uplift = rig.start(DeviceTls.IMPLICIT, false, origin);
    String login = SignInDesk.base64(SignInDesk.LOGIN);
    String password = SignInDesk.base64(SignInDesk.PASSWORD);
    int length = PASSWORD.length();
    List<List<String>> forms =
        List.of(
            List.of("t LOGIN \"" + SignInDesk.LOGIN + "\" " + QUOTED),
            List.of("t login {7}", SignInDesk.LOGIN + " {" + length + "}", PASSWORD),
            List.of("t LOGIN {7+}\r\n" + SignInDesk.LOGIN + " {" + length + "+}\r\n" + PASSWORD),
            List.of("t AUTHENTICATE PLAIN " + SignInDesk.plain(SignInDesk.PASSWORD)),
            List.of("t authenticate plain", SignInDesk.plain(SignInDesk.PASSWORD)),
            List.of("t AUTHENTICATE LOGIN", login, password),
            List.of("t AUTHENTICATE LOGIN " + login, password));
    for (List<String> form : forms) {
      try (MailTalk device = rig.device(uplift, MailProtocol.IMAP, DeviceTls.IMPLICIT)) {
        for (String line : form.subList(0, form.size() - 1)) {
          assertThat(device.ask(line)).startsWith("+ ");
        }
        assertThat(device.ask(form.get(form.size() - 1))).startsWith("t OK ");
      }
    }
    assertThat(origin.signedIn).hasSize(forms.size());
  }

  @Test
  void pop3SignsInByEveryForm() throws Exception {
    XoauthOrigin origin = rig.origin(MailProtocol.POP3, OriginTls.IMPLICIT);
    Uplift uplift = rig.start(DeviceTls.IMPLICIT, false, origin);
    String login = SignInDesk.base64(SignInDesk.LOGIN);
    String password = SignInDesk.base64(SignInDesk.PASSWORD);
    List<List<String>> forms =
        List.of(
            List.of("AUTH PLAIN " + SignInDesk.plain(SignInDesk.PASSWORD)),
            List.of("AUTH PLAIN", SignInDesk.plain(SignInDesk.PASSWORD)),
            List.of("AUTH LOGIN", login, password),
            List.of("USER " + SignInDesk.LOGIN, "PASS " + PASSWORD));
    for (List<String> form : forms) {
      try (MailTalk device = rig.device(uplift, MailProtocol.POP3, DeviceTls.IMPLICIT)) {
        for (String line : form.subList(0, form.size() - 1)) {
          assertThat(device.ask(line)).startsWith("+");
        }
        assertThat(device.ask(form.get(form.size() - 1))).startsWith("+OK ");
      }
    }
    assertThat(origin.signedIn).hasSize(forms.size());
    assertThat(origin.heard).as("always in two steps").contains("AUTH XOAUTH2");
  }

  @ParameterizedTest
  @EnumSource(
      value = MailProtocol.class,
      names = {"IMAP", "POP3"})
  void renewsARefusedTokenOnce(MailProtocol protocol) throws Exception {
    XoauthOrigin origin = rig.origin(protocol, OriginTls.IMPLICIT);
    origin.initialResponse = false;
    desk.tokens.add(0, "stale-token");
    Uplift uplift = rig.start(DeviceTls.IMPLICIT, false, origin);
    try (MailTalk device = rig.device(uplift, protocol, DeviceTls.IMPLICIT)) {
      assertThat(login(device, protocol)).contains("OK");
    }
    assertThat(desk.refused).containsExactly("stale-token");
    assertThat(uplift.observer.replies).isEmpty();

    origin.good.clear();
    try (MailTalk device = rig.device(uplift, protocol, DeviceTls.IMPLICIT)) {
      assertThat(login(device, protocol))
          .startsWith(
              protocol == MailProtocol.IMAP ? "t NO [AUTHENTICATIONFAILED] " : "-ERR [AUTH] ");
    }
    assertThat(origin.connections).hasValue(4);
    assertThat(uplift.observer.signIns)
        .extracting("outcome")
        .containsExactly(SignInOutcome.SIGNED_IN, SignInOutcome.ORIGIN_REFUSED);
    assertThat(uplift.observer.replies).containsExactly(OriginReply.LOGIN_FAILED);
    await().untilAsserted(() -> assertThat(desk.permits).hasValue(0));
  }

  private static String login(MailTalk device, MailProtocol protocol) throws Exception {
    return device.ask(
        (protocol == MailProtocol.IMAP ? "t AUTHENTICATE PLAIN " : "AUTH PLAIN ")
            + SignInDesk.plain(SignInDesk.PASSWORD));
  }
}
