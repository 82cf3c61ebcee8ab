package org.tlsuplift.proxy.mail;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.tlsuplift.proxy.model.MailProtocol;

/** The replies to devices before TLS, for any commands and any split of the bytes. */
class DeviceConversationTest {
  @Test
  void answersSmtpCommandsBeforeTls() {
    try (ConversedDevice device = starting(MailProtocol.SMTP)) {
      assertThat(device.heard()).isEqualTo("220 mail.example.test ESMTP TLS Uplift ready\r\n");
      assertThat(device.send("helo printer\r\n").heard()).isEqualTo("250 mail.example.test\r\n");
      assertThat(device.send("EHLO printer\r\n").heard())
          .isEqualTo("250-mail.example.test\r\n250-SIZE 1\r\n250 STARTTLS\r\n");
      assertThat(device.send("NOOP\r\nRSET\r\n").heard())
          .isEqualTo("250 2.0.0 OK\r\n250 2.0.0 OK\r\n");
      assertThat(device.send("MAIL FROM:<a@example.test>\r\n").heard())
          .isEqualTo("530 5.7.0 Must issue a STARTTLS command first\r\n");
      assertThat(device.send("AUTH PLAIN AGEAYg==\r\n").heard()).startsWith("530 5.7.0 ");
      assertThat(device.send("STARTTLS now\r\n").heard()).startsWith("501 5.5.4 ");
      assertThat(device.send("XYZZY\r\n").heard()).startsWith("500 5.5.2 ");
      assertThat(device.send("EHLO printer\rMAIL\r\n").heard()).startsWith("500 5.5.2 ");
      assertThat(device.send("starttls\r\n").heard()).isEqualTo("220 2.0.0 Ready to start TLS\r\n");
      assertThat(device.isOver()).isTrue();
      assertThat(device.events).containsExactly("greeted", "starttls");
    }
  }

  @Test
  void answersImapCommandsBeforeTls() {
    try (ConversedDevice device = starting(MailProtocol.IMAP)) {
      assertThat(device.heard()).isEqualTo("* OK mail.example.test TLS Uplift ready\r\n");
      assertThat(device.send("a.1 capability\r\n").heard())
          .isEqualTo(
              "* CAPABILITY SIZE 1 STARTTLS LOGINDISABLED\r\na.1 OK CAPABILITY completed\r\n");
      assertThat(device.send("2 NOOP\r\n").heard()).isEqualTo("2 OK NOOP completed\r\n");
      assertThat(device.send("3 LOGIN a b\r\n").heard()).startsWith("3 NO [PRIVACYREQUIRED] ");
      assertThat(device.send("4 AUTHENTICATE PLAIN\r\n").heard()).startsWith("4 NO ");
      assertThat(device.send("5 ID (\"name\" \"scanner\")\r\n").heard())
          .isEqualTo("* ID NIL\r\n5 OK ID completed\r\n");
      assertThat(device.send("*6 NOOP\r\n").heard()).startsWith("* BAD ");
      assertThat(device.send("nonsense\r\n").heard()).startsWith("* BAD ");
      assertThat(device.send("7 STARTTLS x\r\n").heard()).startsWith("7 BAD ");
      assertThat(device.send("8 STARTTLS\r\n").heard())
          .isEqualTo("8 OK Begin TLS negotiation now\r\n");
      assertThat(device.isOver()).isTrue();
    }
  }

  @Test
  void answersPop3CommandsBeforeTls() {
    try (ConversedDevice device = starting(MailProtocol.POP3)) {
      assertThat(device.heard()).isEqualTo("+OK mail.example.test TLS Uplift ready\r\n");
      assertThat(device.send("CAPA\r\n").heard())
          .isEqualTo("+OK Capability list follows\r\nSIZE 1\r\nSTLS\r\n.\r\n");
      assertThat(device.send("USER a\r\n").heard()).isEqualTo("-ERR Use STLS first\r\n");
      assertThat(device.send("RETR 1\r\n").heard()).startsWith("-ERR ");
      assertThat(device.send("stls\r\n").heard()).isEqualTo("+OK Begin TLS negotiation\r\n");
      assertThat(device.isOver()).isTrue();
    }
  }

  @Test
  void answersImapLogoutWithBye() {
    try (ConversedDevice device = starting(MailProtocol.IMAP)) {
      device.heard();
      assertThat(device.send("9 LOGOUT\r\n").heard())
          .isEqualTo("* BYE Logging out\r\n9 OK LOGOUT completed\r\n");
    }
  }

  @Test
  void readsANonSynchronizingLiteralAsData() {
    try (ConversedDevice device = starting(MailProtocol.IMAP)) {
      device.heard();
      assertThat(device.send("1 LOGIN {10+}\r\n2 STARTTLS {2+}\r\n\r\n\r\n3 NOOP\r\n").heard())
          .isEqualTo("1 NO [PRIVACYREQUIRED] Use STARTTLS first\r\n3 OK NOOP completed\r\n");
    }
  }

  @Test
  void asksForNoLiteralOfARefusedCommand() {
    try (ConversedDevice device = starting(MailProtocol.IMAP)) {
      device.heard();
      assertThat(device.send("1 LOGIN {4}\r\n").heard()).startsWith("1 NO ").doesNotContain("+ ");
    }
  }

  @Test
  void boundsLiterals() {
    try (ConversedDevice device = starting(MailProtocol.IMAP)) {
      device.send("1 LOGIN {999999999+}\r\n");
      assertThat(device.events)
          .contains("unreadable: a command is longer than 8192 bytes")
          .hasSize(2);
    }
  }

  @Test
  void boundsLines() {
    try (ConversedDevice device = starting(MailProtocol.SMTP)) {
      device.send("EHLO " + "x".repeat(9000));
      assertThat(device.events).contains("unreadable: a line is longer than 8192 bytes");
    }
  }

  @ParameterizedTest
  @CsvSource({"SMTP,STARTTLS", "IMAP,1 STARTTLS", "POP3,STLS"})
  void detectsPlaintextAfterStartTls(MailProtocol protocol, String command) {
    try (ConversedDevice device = starting(protocol)) {
      device.heard();
      device.send(command + "\r\nRSET\r\n");
      assertThat(device.events).containsExactly("greeted", "pipelined");
      assertThat(device.heard()).isEmpty();
      assertThat(device.passed()).isEmpty();
    }
  }

  @Test
  void waitsForADeviceThatBeginsWithTls() {
    try (ConversedDevice device =
        new ConversedDevice(MailProtocol.SMTP, Duration.ofMillis(500), false)) {
      assertThat(device.heard()).isEmpty();
      device.send("\u0016\u0003\u0001");
      assertThat(device.events).containsExactly("tls at once");
      assertThat(device.isOver()).isTrue();
      assertThat(device.passed()).isEqualTo("\u0016\u0003\u0001");
      device.passTime(Duration.ofSeconds(1));
      assertThat(device.heard()).isEmpty();
    }
  }

  @Test
  void recognisesAnSsl2Hello() {
    try (ConversedDevice device =
        new ConversedDevice(MailProtocol.POP3, Duration.ofMillis(500), false)) {
      device.send("\u0080.\u0001");
      assertThat(device.events).containsExactly("tls at once");
    }
  }

  @Test
  void greetsADeviceThatWaits() {
    try (ConversedDevice device =
        new ConversedDevice(MailProtocol.SMTP, Duration.ofMillis(500), false)) {
      device.passTime(Duration.ofMillis(499));
      assertThat(device.heard()).isEmpty();
      device.passTime(Duration.ofMillis(2));
      assertThat(device.heard()).startsWith("220 ");
      assertThat(device.send("NOOP\r\n").heard()).startsWith("250 ");
    }
  }

  @Test
  void greetsADeviceThatCannotWait() {
    try (ConversedDevice device =
        new ConversedDevice(MailProtocol.SMTP, Duration.ofMillis(500), false)) {
      assertThat(device.send("EHLO printer\r\n").heard()).startsWith("220 ").contains("\r\n250-");
    }
  }

  @Test
  void explainsTlsAfterTheGreeting() {
    try (ConversedDevice device = starting(MailProtocol.SMTP)) {
      device.send("\u0016\u0003\u0001");
      assertThat(device.events).containsExactly("greeted", "tls too late");
    }
  }

  @Test
  void forwardsThePlaintextCommandAndAllThatFollows() {
    try (ConversedDevice device = new ConversedDevice(MailProtocol.IMAP, Duration.ZERO, true)) {
      device.heard();
      assertThat(device.send("1 CAPABILITY\r\n").heard()).doesNotContain("LOGINDISABLED");
      device.send("2 LOGIN {1+}\r\na b\r\n3 SELECT INBOX\r\n");
      assertThat(device.passed()).isEqualTo("2 LOGIN {1+}\r\na b\r\n3 SELECT INBOX\r\n");
      assertThat(device.isOver()).isTrue();
    }
  }

  @Property(tries = 300)
  void answersDoNotDependOnSegmentation(
      @ForAll @Size(max = 60) List<@IntRange(min = 1, max = 7) Integer> cuts) {
    String said = "EHLO a\r\nNOOP\nMAIL FROM:<>\r\nRSET\r\nHELO b\r\nQUIT\r\n";
    String expected;
    try (ConversedDevice whole = starting(MailProtocol.SMTP)) {
      expected = whole.send(said).heard();
    }
    try (ConversedDevice device = starting(MailProtocol.SMTP)) {
      int at = 0;
      for (int i = 0; at < said.length(); i++) {
        int end = i < cuts.size() ? Math.min(said.length(), at + cuts.get(i)) : said.length();
        device.send(said.substring(at, end));
        at = end;
      }
      assertThat(device.heard()).isEqualTo(expected);
    }
  }

  @Property(tries = 500)
  void survivesAnything(@ForAll MailProtocol protocol, @ForAll @Size(max = 300) byte[] bytes) {
    try (ConversedDevice device = starting(protocol)) {
      String said = new String(bytes, StandardCharsets.ISO_8859_1);
      assertThatCode(() -> device.send(said).send("\r\n" + said + "\n")).doesNotThrowAnyException();
      assertThat(device.heard()).endsWith("\r\n").matches("([\\x20-\\x7e]*\r\n)+");
      assertThat(device.passed()).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource(MailProtocol.class)
  void closingReplyIsOneLineOfPrintableText(MailProtocol protocol) {
    String line = DeviceDialect.of(protocol).closing("no\r\nQUIT\u0000 \u00e9" + "x".repeat(900));
    assertThat(line).endsWith("\r\n").hasSizeLessThan(400);
    assertThat(line.substring(0, line.length() - 2)).matches("[\\x20-\\x7e]+").contains("no??QUIT");
  }

  private static ConversedDevice starting(MailProtocol protocol) {
    return new ConversedDevice(protocol, Duration.ZERO, false);
  }
}
