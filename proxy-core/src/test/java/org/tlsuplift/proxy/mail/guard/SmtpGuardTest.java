package org.tlsuplift.proxy.mail.guard;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.nio.charset.StandardCharsets;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlsuplift.proxy.model.PermitResult;

class SmtpGuardTest {
  private static final String GIVEN = "MAIL FROM:<scans@contoso.example>\r\n";

  @Test
  void anOrdinaryMessagePassesUnchanged() {
    try (GuardedSession session = new GuardedSession("scans@contoso.example")) {
      assertThat(session.device(GIVEN).passed()).isEqualTo(GIVEN);
      assertThat(session.origin("250 2.1.0 OK\r\n").heard()).isEqualTo("250 2.1.0 OK\r\n");
      session.device("RCPT TO:<a@b.example>\r\nDATA\r\n");
      assertThat(session.passed()).isEqualTo("RCPT TO:<a@b.example>\r\nDATA\r\n");
      session.origin("250 2.1.5 OK\r\n354 Go on\r\n");
      session.device("Subject: x\r\n\r\n..\r\n").device(".\r\nQUIT\r\n");
      assertThat(session.passed()).isEqualTo("Subject: x\r\n\r\n..\r\n.\r\nQUIT\r\n");
      session.heard();
      assertThat(session.origin("250 2.0.0 Queued\r\n221 Bye\r\n").heard())
          .isEqualTo("250 2.0.0 Queued\r\n221 Bye\r\n");
      assertThat(session.permits).hasSize(1);
      assertThat(session.told).isEmpty();
    }
  }

  @Test
  void messageDataPassesInItsOwnBuffers() {
    try (GuardedSession session = new GuardedSession()) {
      session.begun().device("DATA\r\n").origin("354 Go on\r\n").passed();
      ByteBuf piece = Unpooled.copiedBuffer("a.b\r\n".repeat(1000), StandardCharsets.US_ASCII);
      session.channel.writeInbound(piece);
      ByteBuf passed = session.channel.readInbound();
      assertThat(passed).isSameAs(piece);
      passed.release();
    }
  }

  @Test
  void refusesASenderAndContinuesTheSession() {
    try (GuardedSession session = new GuardedSession("scans@contoso.example")) {
      assertThat(session.device("MAIL FROM:<boss@contoso.example>\r\n").heard())
          .isEqualTo(
              "550 5.7.60 <boss@contoso.example> is not among the senders that the account of"
                  + " scans@contoso.example allows (allowedSenders)\r\n");
      assertThat(session.passed()).isEmpty();
      assertThat(session.told)
          .containsExactly(
              "sender_not_allowed: 5.7.60 <boss@contoso.example> is not among the senders that the"
                  + " account of scans@contoso.example allows (allowedSenders)");
      assertThat(session.device(GIVEN).passed()).isEqualTo(GIVEN);
    }
  }

  @Test
  void aReplyOfTheProxyWaitsForEarlierRepliesOfTheOrigin() {
    try (GuardedSession session = new GuardedSession("scans@contoso.example")) {
      session.device("RSET\r\nNOOP\r\nMAIL FROM:<x@y.example>\r\nRCPT TO:<a@b.example>\r\n");
      assertThat(session.passed()).isEqualTo("RSET\r\nNOOP\r\n");
      assertThat(session.origin("250 2.0.0 Reset\r\n").heard()).isEqualTo("250 2.0.0 Reset\r\n");
      assertThat(session.passed()).isEmpty();
      assertThat(session.origin("250 2.0.0 Noop\r\n").heard())
          .startsWith("250 2.0.0 Noop\r\n550 5.7.60 ")
          .endsWith("\r\n503 5.5.1 No message has begun; send MAIL first\r\n");
      assertThat(session.passed()).isEmpty();
    }
  }

  @Test
  void aMessageWaitsForItsPermit() {
    try (GuardedSession session = new GuardedSession()) {
      session.permitsAtOnce = false;
      session.device(GIVEN + "RCPT TO:<a@b.example>\r\n");
      assertThat(session.passed()).isEmpty();
      session.answer(0, new PermitResult.Given());
      assertThat(session.passed()).isEqualTo(GIVEN + "RCPT TO:<a@b.example>\r\n");
    }
  }

  @Test
  void aMessageWithoutAPermitGetsATemporaryReply() {
    try (GuardedSession session = new GuardedSession()) {
      session.permitsAtOnce = false;
      session.device(GIVEN + "QUIT\r\n");
      session.answer(0, new PermitResult.Busy("too many"));
      assertThat(session.heard()).isEqualTo("432 4.3.2 Try again later: too many\r\n");
      assertThat(session.passed()).isEqualTo("QUIT\r\n");
      assertThat(session.told).containsExactly("too_many_messages: too many");
    }
  }

  @Test
  void aDeviceThatClosesWhileItWaitsCancelsItsPermit() {
    try (GuardedSession session = new GuardedSession()) {
      session.permitsAtOnce = false;
      session.device(GIVEN + "QUIT\r\n");
      session.channel.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
      assertThat(session.ended).isEqualTo(1);
      session.answer(0, new PermitResult.Given());
      assertThat(session.passed()).isEmpty();
    }
  }

  @Test
  void aBrokenConnectionCancelsItsPermit() {
    GuardedSession session = new GuardedSession();
    session.permitsAtOnce = false;
    session.device(GIVEN);
    session.close();
    assertThat(session.ended).isEqualTo(1);
  }

  @Test
  void earlyDataIsAMessageOnlyAfter354() {
    try (GuardedSession session = new GuardedSession("scans@contoso.example")) {
      session.begun().device("DATA\r\nRSET\r\n");
      assertThat(session.passed()).isEqualTo("DATA\r\n");
      assertThat(session.origin("503 5.5.1 No recipients\r\n").passed()).isEqualTo("RSET\r\n");
      session.origin("250 2.0.0 Reset\r\n").device("MAIL FROM:<x@y.example>\r\n");
      assertThat(session.passed()).isEmpty();
      assertThat(session.heard())
          .startsWith("503 5.5.1 No recipients\r\n250 2.0.0 Reset\r\n550 5.7.60 ");
      session.begun();
      session.device("DATA\r\nMAIL FROM:<x@y.example>\r\n.\r\n").origin("354 Go on\r\n");
      assertThat(session.passed()).isEqualTo("DATA\r\nMAIL FROM:<x@y.example>\r\n.\r\n");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"\n.\n", "\n.\r\n", "\r.\r\n", "\r\n.\n", "\r\n.\rx", "\r\n\0.\r\n"})
  void ambiguousEndOfTheMessageEndsTheSession(String trick) {
    try (GuardedSession session = new GuardedSession()) {
      session.begun().device("DATA\r\n").origin("354 Go on\r\n");
      session.heard();
      session.passed();
      session.device("text" + trick + "MAIL FROM:<admin@contoso.example>\r\n");
      assertThat(session.heard()).startsWith("554 5.6.0 ").endsWith("\r\n");
      assertThat(session.passed()).isEmpty();
      assertThat(session.told).hasSize(1).first().asString().startsWith("device_protocol_error: ");
      session.device("\r\n.\r\nNOOP\r\n");
      assertThat(session.passed()).isEmpty();
    }
  }

  @Test
  void holdsTheLastCrUntilTheNextByteDecides() {
    try (GuardedSession session = new GuardedSession()) {
      session.begun().device("DATA\r\n").origin("354 Go on\r\n").passed();
      session.device("text\r\n.\r");
      assertThat(session.passed()).isEqualTo("text\r\n.");
      session.device("\nQUIT\r\n");
      assertThat(session.passed()).isEqualTo("\r\nQUIT\r\n");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"NOOP\n", "NOOP\rQUIT\r\n", "RCPT TO:<a\0@b.example>\r\n", "\r\r\n"})
  void commandsWithStrayControlCharactersDoNotPass(String command) {
    try (GuardedSession session = new GuardedSession()) {
      assertThat(session.device(command).heard()).startsWith("500 5.5.2 ");
      assertThat(session.passed()).isEmpty();
      assertThat(session.device("NOOP\r\n").passed()).isEqualTo("NOOP\r\n");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"AUTH LOGIN", "STARTTLS", "TURN", "ETRN x", "SEND FROM:<a>", " MAIL", ""})
  void refusesCommandsThatBypassTheGuard(String command) {
    try (GuardedSession session = new GuardedSession()) {
      assertThat(session.device(command + "\r\n").heard()).matches("50[23] 5\\.5\\.1 .*\r\n");
      assertThat(session.passed()).isEmpty();
    }
  }

  @Test
  void chunksAreDroppedWithTheirCommand() {
    try (GuardedSession session = new GuardedSession()) {
      session.device("BDAT 12 LAST\r\nMAIL ").device("FROM:\r\nNOOP\r\n");
      assertThat(session.passed()).isEqualTo("NOOP\r\n");
      assertThat(session.heard()).isEqualTo("502 5.5.1 CHUNKING is not offered: use DATA\r\n");
    }
  }

  @Test
  void aChunkWithoutASizeEndsTheSession() {
    try (GuardedSession session = new GuardedSession()) {
      session.device("BDAT x\r\nNOOP\r\n");
      assertThat(session.heard()).startsWith("501 5.5.4 ");
      assertThat(session.passed()).isEmpty();
      assertThat(session.told).hasSize(1);
    }
  }

  @Test
  void aLineWithoutAnEndEndsTheSession() {
    try (GuardedSession session = new GuardedSession()) {
      session.device("NOOP " + "x".repeat(5000));
      assertThat(session.heard()).isEqualTo("500 5.5.6 Line too long\r\n" + GuardedSession.CLOSING);
      assertThat(session.told)
          .containsExactly("device_protocol_error: a command: a line is longer than 4096 bytes");
    }
  }

  @Test
  void hidesUnsupportedCapabilities() {
    try (GuardedSession session = new GuardedSession()) {
      session
          .device("EHLO scanner\r\n")
          .origin("250-outlook.example hello\r\n250-SIZE 157286400\r\n250-AUTH LOGIN XOAUTH2\r\n")
          .origin("250-CHUNKING\r\n250-BINARYMIME\r\n250-PIPELINING\r\n250-AUTH=LOGIN\r\n")
          .origin("250 STARTTLS\r\n");
      assertThat(session.heard())
          .isEqualTo("250-outlook.example hello\r\n250-SIZE 157286400\r\n250 PIPELINING\r\n");
    }
  }

  @Test
  void aDeviceThatSendsAheadIsNotReadWithoutBound() {
    try (GuardedSession session = new GuardedSession()) {
      session.permitsAtOnce = false;
      session.device(GIVEN + "x".repeat(20_000));
      session.channel.read();
      session.answer(0, new PermitResult.Busy("too many"));
      assertThat(session.heard()).contains("432 4.3.2 ").contains("500 5.5.6 ");
    }
  }

  /**
   * Plays one conversation in pieces of any size in both directions: both sides get the same bytes.
   */
  @Property(tries = 400)
  void resultDoesNotDependOnSegmentation(
      @ForAll @Size(max = 120) List<@IntRange(min = 1, max = 7) Integer> cuts,
      @ForAll @IntRange(min = 1, max = 9) int originCut) {
    String device =
        "EHLO scanner\r\nMAIL FROM:<boss@contoso.example>\r\n"
            + GIVEN
            + "RCPT TO:<a@b.example>\r\nDATA\r\nSubject: one\r\n\r\n..\r\n.x\r\n.\r\n"
            + "BDAT 6 LAST\r\n.\r\n.\r\nAUTH PLAIN\r\nMAIL FROM:<>\r\nNOOP\n"
            + GIVEN
            + "RCPT TO:<a@b.example>\r\nDATA\r\n.\r\nRSET\r\nQUIT\r\n";
    try (GuardedSession session = new GuardedSession("scans@contoso.example")) {
      ScriptedSmtpOrigin origin = new ScriptedSmtpOrigin(session, originCut);
      int at = 0;
      for (int i = 0; at < device.length(); i++) {
        int end = i < cuts.size() ? Math.min(device.length(), at + cuts.get(i)) : device.length();
        session.device(device.substring(at, end));
        origin.answer();
        at = end;
      }
      assertThat(origin.heard())
          .isEqualTo(
              "EHLO scanner\r\n"
                  + GIVEN
                  + "RCPT TO:<a@b.example>\r\nDATA\r\nSubject: one\r\n\r\n..\r\n.x\r\n.\r\n"
                  + GIVEN
                  + "RCPT TO:<a@b.example>\r\nDATA\r\n.\r\nRSET\r\nQUIT\r\n");
      assertThat(origin.deviceHeard().replaceAll("(?m)^(\\d{3}.\\d\\.\\d+\\.\\d+) .*$", "$1"))
          .isEqualTo(
              String.join(
                  "\r\n",
                  "250-origin",
                  "250 SIZE",
                  "550 5.7.60",
                  "250 2.1.0",
                  "250 2.1.5",
                  "354 go",
                  "250 2.0.0",
                  "502 5.5.1",
                  "503 5.5.1",
                  "550 5.7.60",
                  "500 5.5.2",
                  "250 2.1.0",
                  "250 2.1.5",
                  "354 go",
                  "250 2.0.0",
                  "250 2.0.0",
                  "221 2.0.0",
                  ""));
    }
  }
}
