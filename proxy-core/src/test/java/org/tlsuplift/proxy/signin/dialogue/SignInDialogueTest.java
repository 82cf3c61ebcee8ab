package org.tlsuplift.proxy.signin.dialogue;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.outcome.SignInOutcome;

class SignInDialogueTest {
  private static final List<String> YES = List.of("235 2.7.0 yes");

  @Test
  void smtpAnswersCommandsBeforeTheSignIn() {
    try (SigningInDevice device = new SigningInDevice(MailProtocol.SMTP)) {
      assertThat(device.ask("HELO old printer\r\n")).isEqualTo("250 mail.example.test\r\n");
      assertThat(device.ask("ehlo printer\n"))
          .isEqualTo("250-mail.example.test\r\n250 AUTH PLAIN LOGIN\r\n");
      assertThat(device.ask("NOOP\r\nRSET\r\n")).isEqualTo("250 2.0.0 OK\r\n250 2.0.0 OK\r\n");
      assertThat(device.ask("RCPT TO:<a@b.example>\r\nDATA\r\n"))
          .isEqualTo("530 5.7.0 Authentication required\r\n".repeat(2));
      assertThat(device.ask("STARTTLS\r\n")).startsWith("503 ");
      assertThat(device.ask("XCLIENT ADDR=1.2.3.4\r\n")).startsWith("500 ");
      assertThat(device.ask("N\u00d6\u00d6P\r\n\r\n"))
          .startsWith("500 5.5.2 Only")
          .contains("\r\n500 ");
      assertThat(device.ask("AUTH XOAUTH2 abc\r\n")).startsWith("504 5.5.4 ");
      assertThat(device.ask("AUTH\r\n")).startsWith("504 5.5.4 ");
      assertThat(device.ask("QUIT\r\nNOOP\r\n")).isEqualTo("221 2.0.0 Bye\r\n");
      assertThat(device.events).containsExactly("HELO old printer", "ehlo printer", "left");
    }
  }

  @Test
  void smtpReadsNoCommandsInAChunk() {
    try (SigningInDevice device = new SigningInDevice(MailProtocol.SMTP)) {
      assertThat(device.ask("BDAT 25 LAST\r\nMAIL FROM:<a@b.example>\r\n"))
          .isEqualTo("530 5.7.0 Authentication required\r\n");
      assertThat(device.events).containsExactly("left");
    }
  }

  @ParameterizedTest
  @EnumSource(MailProtocol.class)
  void anExchangeCanBeCancelledAtEveryStep(MailProtocol protocol) {
    String prompt = protocol == MailProtocol.SMTP ? "334 " : "+ ";
    String cancelled =
        switch (protocol) {
          case SMTP -> "501 5.7.0 ";
          case IMAP -> "t BAD ";
          case POP3 -> "-ERR ";
        };
    try (SigningInDevice device = new SigningInDevice(protocol)) {
      assertThat(device.ask(auth(protocol, "PLAIN"))).isEqualTo(prompt + "\r\n");
      assertThat(device.ask("*\r\n")).startsWith(cancelled);
      assertThat(device.ask(auth(protocol, "LOGIN"))).isEqualTo(prompt + "VXNlcm5hbWU6\r\n");
      assertThat(device.ask("*\r\n")).startsWith(cancelled);
      assertThat(device.ask(auth(protocol, "LOGIN"))).startsWith(prompt);
      assertThat(device.ask(base64("a") + "\r\n")).isEqualTo(prompt + "UGFzc3dvcmQ6\r\n");
      assertThat(device.ask("*\r\n")).startsWith(cancelled);
      assertThat(device.events).isEmpty();
      assertThat(device.ask(auth(protocol, "PLAIN " + base64("\0a\0b")))).isEmpty();
      assertThat(device.events).containsExactly("a/b");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"a/b", "", "\0a", "a\0b", "\0\0b", "\0a\0b\0c", "other\0a\0b"})
  void malformedCredentialsAreNotChecked(String message) {
    try (SigningInDevice device = new SigningInDevice(MailProtocol.SMTP)) {
      device.send("AUTH PLAIN\r\n").heard();
      assertThat(device.ask(base64(message) + "\r\n")).startsWith("501 5.5.2 ");
      assertThat(device.ask("AUTH PLAIN ?no=base64?\r\n")).startsWith("501 5.5.2 ");
      assertThat(device.events).isEmpty();
    }
  }

  @Test
  void aNameMayBeGivenTwiceAndPasswordsMayBeLatin1() {
    try (SigningInDevice device = new SigningInDevice(MailProtocol.SMTP)) {
      device.send("AUTH PLAIN " + base64("a\0a\0wrong") + "\r\n");
      byte[] latin1 = "\0a\0w\u00f6rd".getBytes(StandardCharsets.ISO_8859_1);
      device.send("AUTH PLAIN " + Base64.getEncoder().encodeToString(latin1) + "  \r\n");
      assertThat(device.events).containsExactly("a/wrong", "a/w\u00f6rd");
    }
  }

  @Test
  void boundsAreKept() {
    try (SigningInDevice device = new SigningInDevice(MailProtocol.SMTP)) {
      assertThat(device.ask("AUTH PLAIN " + base64("\0" + "a".repeat(256) + "\0b") + "\r\n"))
          .startsWith("501 ");
      assertThat(device.ask("AUTH PLAIN " + base64("\0a\0" + "b".repeat(1025)) + "\r\n"))
          .startsWith("501 ");
      device.send("AUTH PLAIN " + "A".repeat(8200));
      assertThat(device.events).containsExactly("broken: a line is longer than 8192 bytes");
      device.send("NOOP\r\n");
      assertThat(device.heard()).as("nothing is read behind that").isEmpty();
    }
  }

  @Test
  void anImapSessionOutlivesALineThatIsTooLong() {
    try (SigningInDevice device = new SigningInDevice(MailProtocol.IMAP)) {
      device.send("t1 NOOP " + "x".repeat(10_000));
      assertThat(device.heard()).isEmpty();
      device.send("x".repeat(20_000) + "\r\nt2 NOOP\r\n");
      assertThat(device.heard())
          .isEqualTo("t1 BAD [TOOBIG] The line is too long\r\nt2 OK NOOP completed\r\n");
      device.send("t3 " + "x".repeat(70_000));
      assertThat(device.events).containsExactly("broken: a line is longer than 65536 bytes");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"{5+}\r\n", "{12+}\n", "{123456+|}|\r|\n"})
  void endsTheSessionAfterALongLineWhoseLiteralFollows(String end) {
    try (SigningInDevice device = new SigningInDevice(MailProtocol.IMAP)) {
      device.send("t1 APPEND a " + "x".repeat(10_000));
      for (String part : end.split("\\|", -1)) {
        device.send(part);
      }
      device.send("t2 NOOP\r\n");
      assertThat(device.heard()).isEmpty();
      assertThat(device.events)
          .containsExactly("broken: a line with a literal is longer than 8192 bytes");
    }
  }

  @Test
  void imapLiteralsAreBounded() {
    try (SigningInDevice device = new SigningInDevice(MailProtocol.IMAP)) {
      assertThat(device.ask("t LOGIN {99999}\r\n")).startsWith("t BAD [TOOBIG] ");
      assertThat(device.ask("t LOGIN a {0}\r\n")).isEqualTo("+ Go on\r\n");
      assertThat(device.ask("\r\n")).isEmpty();
      assertThat(device.events).containsExactly("a/");
    }
    try (SigningInDevice device = new SigningInDevice(MailProtocol.IMAP)) {
      device.send("t LOGIN {99999+}\r\n");
      assertThat(device.events).containsExactly("broken: a command is longer than 4096 bytes");
    }
    try (SigningInDevice device = new SigningInDevice(MailProtocol.IMAP)) {
      device.send("t LOGIN {4000+}\r\n" + "a".repeat(4000) + " {4000+}\r\n");
      assertThat(device.events).containsExactly("broken: a command is longer than 4096 bytes");
    }
  }

  @Test
  void imapReadsArgumentsOfOtherCommandsToo() {
    try (SigningInDevice device = new SigningInDevice(MailProtocol.IMAP)) {
      assertThat(device.ask("t ID (\"name\" {3+}\r\nabc \"os\" NIL)\r\n"))
          .isEqualTo("* ID NIL\r\nt OK ID completed\r\n");
      assertThat(device.ask("t LOGIN a\r\n")).startsWith("t BAD ");
      assertThat(device.ask("t LOGIN a b c d e\r\n")).startsWith("t BAD ");
      assertThat(device.ask("LOGIN\r\n{3}\r\n\r\n* x\r\n"))
          .isEqualTo("* BAD Expected a tag and a command\r\n".repeat(4));
      assertThat(device.ask("t LOGIN \"a\\\"b\" \"c \\\\ d\"\r\n")).isEmpty();
      assertThat(device.events).containsExactly("a\"b/c \\ d");
    }
  }

  @Test
  void pop3NeedsANameFirst() {
    try (SigningInDevice device = new SigningInDevice(MailProtocol.POP3)) {
      assertThat(device.ask("PASS b\r\n")).startsWith("-ERR ");
      assertThat(device.ask("USER\r\n")).startsWith("-ERR ");
      assertThat(device.ask("AUTH\r\n")).isEqualTo("+OK\r\nPLAIN\r\nLOGIN\r\n.\r\n");
      assertThat(device.ask("APOP a 0123\r\n")).startsWith("-ERR ");
      assertThat(device.ask("USER a\r\nPASS wrong\r\n"))
          .isEqualTo("+OK Send the password\r\n-ERR [AUTH] The name or password is wrong\r\n");
      assertThat(device.ask("PASS again\r\n")).startsWith("-ERR ");
      device.send("USER a\r\nPASS  with  blanks \r\n");
      assertThat(device.events).containsExactly("a/wrong", "a/ with  blanks ");
    }
  }

  @Test
  void pipelinedCommandsWaitForTheSignIn() {
    try (SigningInDevice device = new SigningInDevice(MailProtocol.SMTP)) {
      device.send("AUTH PLAIN " + base64("\0a\0wrong") + "\r\nAUTH PLAIN " + base64("\0a\0b"));
      device.send("\r\nMAIL FROM:<a@b.example>\r\nRCPT");
      assertThat(device.heard()).isEqualTo("535 5.7.8 Authentication credentials invalid\r\n");
      assertThat(device.passed()).isEmpty();
      device.dialogue.accept(YES);
      assertThat(device.heard()).isEqualTo("235 2.7.0 Authentication successful\r\n");
      assertThat(device.passed()).isEqualTo("MAIL FROM:<a@b.example>\r\nRCPT");
      assertThat(device.ask(" TO:<c@d.example>\r\n")).isEmpty();
      assertThat(device.passed()).isEqualTo(" TO:<c@d.example>\r\n");
    }
  }

  @Test
  void boundsDataBeforeTheSignIn() {
    try (SigningInDevice device = new SigningInDevice(MailProtocol.SMTP)) {
      device.send("AUTH PLAIN " + base64("\0a\0b") + "\r\n" + "x".repeat(1000));
      assertThat(device.channel.config().isAutoRead()).as("to notice that it leaves").isTrue();
      device.send("x".repeat(16 * 1024));
      assertThat(device.channel.config().isAutoRead()).isFalse();
      var unused = device.channel.close();
      assertThat(device.events).containsExactly("a/b", "gone");
    }
  }

  @Test
  void mailWithoutASignInPassesUnchanged() {
    try (SigningInDevice device = new SigningInDevice(MailProtocol.SMTP)) {
      assertThat(device.ask("MAIL FROM:<\r>\r\n")).startsWith("500 ");
      device.send("MAIL FROM:<\u00c3\u00b6@b.example> SIZE=5\r\nRCPT TO:<c@d.example>\r\n");
      assertThat(device.events).containsExactly("unasked");
      device.dialogue.refuse(SignInOutcome.TOKEN_UNAVAILABLE);
      assertThat(device.heard())
          .isEqualTo(
              "451 4.7.0 Temporary authentication failure\r\n530 5.7.0 Authentication required\r\n");
      device.send("mail from:<a@b.example>\r\nRCPT TO:<c@d.example>\r\n");
      device.dialogue.accept(YES);
      assertThat(device.heard()).as("the origin answers").isEmpty();
      assertThat(device.passed()).isEqualTo("mail from:<a@b.example>\r\nRCPT TO:<c@d.example>\r\n");
    }
  }

  @ParameterizedTest
  @EnumSource(MailProtocol.class)
  void reportsADeviceThatClosesOnce(MailProtocol protocol) {
    try (SigningInDevice device = new SigningInDevice(protocol)) {
      device.send("AUTH PLA");
      var unused = device.channel.close();
      assertThat(device.events).containsExactly("gone");
    }
  }

  @Test
  void capabilitiesOfTheOriginPassExceptSignIn() {
    assertThat(
            DeviceCapabilities.of(
                MailProtocol.SMTP,
                List.of(
                    "SIZE 157286400",
                    "PIPELINING",
                    "DSN",
                    "STARTTLS",
                    "AUTH LOGIN XOAUTH2",
                    "AUTH=LOGIN",
                    "8BITMIME",
                    "BINARYMIME",
                    "CHUNKING",
                    "SMTPUTF8")))
        .containsExactly(
            "SIZE 157286400", "PIPELINING", "DSN", "8BITMIME", "SMTPUTF8", "AUTH PLAIN LOGIN");
    assertThat(
            DeviceCapabilities.of(
                MailProtocol.IMAP,
                List.of(
                    "IMAP4",
                    "IMAP4rev1",
                    "AUTH=PLAIN",
                    "AUTH=XOAUTH2",
                    "SASL-IR",
                    "UIDPLUS",
                    "ID",
                    "UNSELECT",
                    "LOGINDISABLED",
                    "LITERAL+")))
        .containsExactly(
            "IMAP4",
            "IMAP4rev1",
            "UIDPLUS",
            "ID",
            "UNSELECT",
            "LITERAL+",
            "SASL-IR",
            "AUTH=PLAIN",
            "AUTH=LOGIN");
    assertThat(
            DeviceCapabilities.of(
                MailProtocol.POP3, List.of("TOP", "UIDL", "SASL PLAIN XOAUTH2", "USER", "STLS")))
        .containsExactly("TOP", "UIDL", "USER", "SASL PLAIN LOGIN");
  }

  private static String auth(MailProtocol protocol, String arguments) {
    return (protocol == MailProtocol.IMAP ? "t AUTHENTICATE " : "AUTH ") + arguments + "\r\n";
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }
}
