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
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlsuplift.proxy.mail.MailPolicy;

/** The guard of a device that signs in to its origin itself, or not at all. */
class RelayedSessionTest {
  private static final String MAIL = "MAIL FROM:<scans@contoso.example>\r\n";
  private static final String GREETING = "220 mail.example ESMTP\r\n";
  private static final String CHUNKS = "250-mail.example\r\n250-CHUNKING\r\n250 PIPELINING\r\n";

  private static GuardedSession session() {
    return new GuardedSession(MailPolicy.NONE);
  }

  /** A session whose origin offers CHUNKING. */
  private static GuardedSession withChunks() {
    GuardedSession session = session();
    session.origin(GREETING).device("EHLO scanner\r\n").origin(CHUNKS);
    session.passed();
    session.heard();
    return session;
  }

  @Test
  void theGreetingAndTheFirstReplyPass() {
    try (GuardedSession session = session()) {
      assertThat(session.origin(GREETING).heard()).isEqualTo(GREETING);
      assertThat(session.device("EHLO scanner\r\n").passed()).isEqualTo("EHLO scanner\r\n");
      String list = "250-mail.example\r\n250-AUTH LOGIN XOAUTH2\r\n250 SIZE 100\r\n";
      assertThat(session.origin(list).heard()).isEqualTo(list);
    }
  }

  /** Otherwise the greeting would count as the reply to EHLO, whose list would pass unread. */
  @Test
  void aDeviceThatDoesNotWaitForTheGreetingGetsTheListThatItCanUse() {
    try (GuardedSession session = session()) {
      session.device("EHLO scanner\r\n");
      session.origin("220-mail.example\r\n220 ESMTP\r\n250-mail.example\r\n250-STARTTLS\r\n");
      session.origin("250-XCLIENT NAME\r\n250 SIZE\r\n");
      assertThat(session.heard())
          .isEqualTo("220-mail.example\r\n220 ESMTP\r\n250-mail.example\r\n250 SIZE\r\n");
    }
  }

  @Test
  void aGreetingThatRefusesPasses() {
    try (GuardedSession session = session()) {
      assertThat(session.origin("554 5.7.1 not you\r\n").heard())
          .isEqualTo("554 5.7.1 not you\r\n");
      session.device("EHLO scanner\r\n").origin("503 no\r\n");
      assertThat(session.heard()).isEqualTo("503 no\r\n");
    }
  }

  @Test
  void onlyCapabilitiesWithRefusedCommandsAreHidden() {
    try (GuardedSession session = session()) {
      session.device("EHLO scanner\r\n");
      session.origin("250-mail.example\r\n250-AUTH PLAIN\r\n250-CHUNKING\r\n250-BINARYMIME\r\n");
      session.origin("250-STARTTLS\r\n250-BURL imap\r\n250-XFORWARD\r\n250-ETRN\r\n250 X-ANY\r\n");
      assertThat(session.heard())
          .isEqualTo(
              GuardedSession.lines(
                  "250-mail.example",
                  "250-AUTH PLAIN",
                  "250-CHUNKING",
                  "250-BINARYMIME",
                  "250 X-ANY"));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "AUTH PLAIN AGEAYg==\r\n",
        "auth LOGIN\r\n",
        "AUTH XOAUTH2 dXNlcj1hAWF1dGg9QmVhcmVyIGIBAQ==\r\n"
      })
  void theStartOfASignInPasses(String line) {
    try (GuardedSession session = session()) {
      assertThat(session.device(line).passed()).isEqualTo(line);
      assertThat(session.origin("235 2.7.0 in\r\n").heard()).isEqualTo("235 2.7.0 in\r\n");
      assertThat(session.device(MAIL).passed()).isEqualTo(MAIL);
    }
  }

  @Test
  void linesOfASignInPassEvenIfTheyLookLikeCommands() {
    try (GuardedSession session = session()) {
      assertThat(session.device("AUTH LOGIN\r\n").passed()).isEqualTo("AUTH LOGIN\r\n");
      session.origin("334 VXNlcm5hbWU6\r\n");
      // The name and password of a mailbox may look like any command.
      assertThat(session.device("STARTTLS\r\n").passed()).isEqualTo("STARTTLS\r\n");
      session.origin("334 UGFzc3dvcmQ6\r\n");
      assertThat(session.device("QUIT\r\n").passed()).isEqualTo("QUIT\r\n");
      session.origin("535 5.7.8 no\r\n");
      assertThat(session.device("STARTTLS\r\n").passed()).isEmpty();
      assertThat(session.heard())
          .isEqualTo(
              GuardedSession.lines(
                  "334 VXNlcm5hbWU6",
                  "334 UGFzc3dvcmQ6",
                  "535 5.7.8 no",
                  "503 5.5.1 TLS cannot start here"));
    }
  }

  /** Some devices send both lines at once. */
  @Test
  void linesThatAreSentAheadPassOneByOne() {
    try (GuardedSession session = session()) {
      session.device("AUTH LOGIN\r\nYQ==\r\nYg==\r\n" + MAIL);
      assertThat(session.passed()).isEqualTo("AUTH LOGIN\r\n");
      assertThat(session.origin("334 a\r\n").passed()).isEqualTo("YQ==\r\n");
      assertThat(session.origin("334 b\r\n").passed()).isEqualTo("Yg==\r\n");
      assertThat(session.origin("235 in\r\n").passed()).isEqualTo(MAIL);
    }
  }

  /** If the origin does not know the method, the next line is a command. */
  @Test
  void aLineAfterARefusedSignInIsACommand() {
    try (GuardedSession session = session()) {
      session.device("AUTH LOGIN\r\nYQ==\r\n");
      assertThat(session.passed()).isEqualTo("AUTH LOGIN\r\n");
      assertThat(session.origin("504 no\r\n").passed()).isEmpty();
      assertThat(session.heard()).startsWith("504 no\r\n502 5.5.1 ");
    }
  }

  @Test
  void aSignInLineMayBeLongerThanACommand() {
    try (GuardedSession session = session()) {
      String token = "AUTH XOAUTH2 " + "x".repeat(12_000) + "\r\n";
      assertThat(session.device(token).passed()).isEqualTo(token);
      session.origin("334 e30=\r\n").passed();
      session.device("x".repeat(12_289));
      assertThat(session.told)
          .containsExactly("device_protocol_error: a command: a line is longer than 12288 bytes");
    }
  }

  @ParameterizedTest
  @CsvSource({"'AUTH PLAIN a\rMAIL FROM:<b>\r\n',''", "'AUTH LOGIN\n',''", "'AUTH\t\r\n',''"})
  void aSignInThatIsNotOneCleanLineIsRefused(String line, String passed) {
    try (GuardedSession session = session()) {
      assertThat(session.device(line).passed()).isEqualTo(passed);
      assertThat(session.heard()).startsWith("500 5.5.2 ");
      assertThat(session.device("NOOP\r\n").passed()).isEqualTo("NOOP\r\n");
    }
  }

  /** A server that ends lines at a bare CR would read a command that the guard has not seen. */
  @Test
  void aBareCrWithinASignInEndsTheSession() {
    try (GuardedSession session = session()) {
      session.device("AUTH LOGIN\r\n").origin("334 a\r\n").passed();
      session.device("YQ==\rMAIL FROM:<boss@contoso.example>\r\n");
      assertThat(session.passed()).isEmpty();
      assertThat(session.told).hasSize(1).first().asString().startsWith("device_protocol_error: ");
    }
  }

  @Test
  void aSignInPassesInItsOwnBuffer() {
    try (GuardedSession session = session()) {
      ByteBuf line = Unpooled.copiedBuffer("AUTH PLAIN AGEAYg==\r\n", StandardCharsets.US_ASCII);
      session.channel.writeInbound(line);
      ByteBuf passed = session.channel.readInbound();
      assertThat(passed.unwrap()).isSameAs(line);
      passed.release();
      assertThat(line.refCnt()).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"XCLIENT A=B", "BURL x LAST", "TURN", "ETRN x", "LHLO a", "STARTTLS", "GET /"})
  void unsupportedCommandsAreRefused(String command) {
    try (GuardedSession session = session()) {
      assertThat(session.device(command + "\r\n").heard()).matches("50[23] 5\\.5\\.1 .*\r\n");
      assertThat(session.passed()).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"\n.\n", "\n.\r\n", "\r.\r\n", "\r\n.\n", "\r\n.\rx", "\r\n\0.\r\n"})
  void ambiguousEndOfTheMessageEndsTheSession(String trick) {
    try (GuardedSession session = session()) {
      session.begun().device("DATA\r\n").origin("354 Go on\r\n");
      session.heard();
      session.passed();
      session.device("hello" + trick + "MAIL FROM:<ceo@contoso.example>\r\n");
      assertThat(session.heard()).startsWith("554 5.6.0 ");
      assertThat(session.passed()).isEmpty();
      assertThat(session.told).hasSize(1).first().asString().startsWith("device_protocol_error: ");
    }
  }

  @Test
  void chunksPassWithTheirBytes() {
    try (GuardedSession session = withChunks()) {
      session.device(
          MAIL + "RCPT TO:<a@b.example>\r\nBDAT 19\r\n.\r\nMAIL FROM:<x>\r\n1BDAT 3 LAST\r\n");
      session.device("\n.\nQUIT\r\n");
      assertThat(session.passed()).isEqualTo(MAIL + "RCPT TO:<a@b.example>\r\n");
      session.origin("250 a\r\n250 b\r\n");
      assertThat(session.passed()).isEqualTo("BDAT 19\r\n.\r\nMAIL FROM:<x>\r\n1");
      session.origin("250 c\r\n");
      assertThat(session.passed()).isEqualTo("BDAT 3 LAST\r\n\n.\nQUIT\r\n");
      session.origin("250 2.0.0 queued as 7\r\n221 bye\r\n");
      assertThat(session.messages).hasSize(1);
      assertThat(session.messages.get(0).size()).isEqualTo(22);
      assertThat(session.messages.get(0).reply()).isEqualTo("250 2.0.0 queued as 7");
    }
  }

  @Test
  void theBytesOfAChunkPassInTheirOwnBuffer() {
    try (GuardedSession session = withChunks()) {
      session.begun().device("BDAT 1000\r\n").passed();
      ByteBuf chunk = Unpooled.copiedBuffer("x".repeat(1000), StandardCharsets.US_ASCII);
      session.channel.writeInbound(chunk);
      ByteBuf passed = session.channel.readInbound();
      assertThat(passed).isSameAs(chunk);
      passed.release();
    }
  }

  @Test
  void emptyChunksPass() {
    try (GuardedSession session = withChunks()) {
      session.begun().device("BDAT 0\r\nbdat 0 last\r\nNOOP\r\n");
      assertThat(session.passed()).isEqualTo("BDAT 0\r\n");
      assertThat(session.origin("250 0 bytes\r\n").passed()).isEqualTo("bdat 0 last\r\nNOOP\r\n");
    }
  }

  /** An origin without CHUNKING would read the chunk as commands. */
  @Test
  void aChunkDoesNotPassToAnOriginThatDoesNotOfferIt() {
    try (GuardedSession session = session()) {
      session.device("EHLO a\r\n").origin("250-mail.example\r\n250 PIPELINING\r\n");
      session.passed();
      session.heard();
      session.device("BDAT 12 LAST\r\nMAIL ").device("FROM:\r\nNOOP\r\n");
      assertThat(session.passed()).isEqualTo("NOOP\r\n");
      assertThat(session.heard()).isEqualTo("502 5.5.1 CHUNKING is not offered: use DATA\r\n");
    }
  }

  /** After HELO there are no extensions. */
  @Test
  void aLaterHeloDisablesChunking() {
    try (GuardedSession session = withChunks()) {
      session.device("HELO a\r\n").origin("250 mail.example\r\n");
      session.device("BDAT 2\r\nab").passed();
      assertThat(session.heard()).contains("502 5.5.1 CHUNKING is not offered");
    }
  }

  @Test
  void aChunkWaitsUntilTheOriginHasOfferedIt() {
    try (GuardedSession session = session()) {
      String rcpt = "RCPT TO:<a@b.example>\r\n";
      session.device("EHLO a\r\n" + MAIL + rcpt + "BDAT 2 LAST\r\nab");
      assertThat(session.passed()).isEqualTo("EHLO a\r\n" + MAIL + rcpt);
      assertThat(session.origin(CHUNKS).passed()).isEmpty();
      assertThat(session.origin("250 ok\r\n").passed()).isEmpty();
      assertThat(session.origin("250 ok\r\n").passed()).isEqualTo("BDAT 2 LAST\r\nab");
    }
  }

  @Test
  void theEndOfADeviceComesAfterAChunkThatWaited() {
    try (GuardedSession session = withChunks()) {
      session.begun().device("NOOP\r\nBDAT 2 LAST\r\nabQUIT\r\n");
      session.channel.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
      assertThat(session.passed()).isEqualTo("NOOP\r\n");
      assertThat(session.origin("250 ok\r\n").passed()).isEqualTo("BDAT 2 LAST\r\nabQUIT\r\n");
    }
  }

  @Test
  void aMessageCannotBeginWithinAnother() {
    try (GuardedSession session = session()) {
      session.device(MAIL).origin("250 ok\r\n");
      session.passed();
      session.device(MAIL);
      assertThat(session.passed()).isEmpty();
      assertThat(session.heard()).endsWith("503 5.5.1 A message has begun; send RSET first\r\n");
      assertThat(session.device("RSET\r\n" + MAIL).passed()).isEqualTo("RSET\r\n");
      assertThat(session.origin("250 ok\r\n").passed()).isEqualTo(MAIL);
    }
  }

  @Test
  void aMessageAfterOneThatTheOriginRefusesPasses() {
    try (GuardedSession session = session()) {
      session.device(MAIL + MAIL);
      assertThat(session.passed()).isEqualTo(MAIL);
      assertThat(session.origin("530 5.7.57 sign in\r\n").passed()).isEqualTo(MAIL);
    }
  }

  @Test
  void introductionsAreReported() {
    try (GuardedSession session = session()) {
      session.device("EH").device("LO printer-2\r\nhelo again\r\n");
      assertThat(session.introductions).containsExactly("EHLO printer-2", "helo again");
    }
  }

  /** Plays one conversation in pieces of any size in both directions. */
  @Property(tries = 400)
  void resultDoesNotDependOnSegmentation(
      @ForAll @Size(max = 120) List<@IntRange(min = 1, max = 7) Integer> cuts,
      @ForAll @IntRange(min = 1, max = 9) int originCut) {
    String device =
        "EHLO scanner\r\nAUTH LOGIN\r\nYQ==\r\nYg==\r\n"
            + MAIL
            + "RCPT TO:<a@b.example>\r\nDATA\r\nSubject: one\r\n\r\n..\r\n.x\r\n.\r\n"
            + MAIL
            + "RCPT TO:<a@b.example>\r\nBDAT 6\r\n.\r\n.\r\nBDAT 1 LAST\r\n\nXCLIENT\r\nQUIT\r\n";
    try (GuardedSession session = session()) {
      ScriptedSmtpOrigin origin = new ScriptedSmtpOrigin(session, originCut);
      int at = 0;
      for (int i = 0; at < device.length(); i++) {
        int end = i < cuts.size() ? Math.min(device.length(), at + cuts.get(i)) : device.length();
        session.device(device.substring(at, end));
        origin.answer();
        at = end;
      }
      assertThat(origin.heard()).isEqualTo(device.replace("XCLIENT\r\n", ""));
      assertThat(origin.deviceHeard())
          .isEqualTo(
              GuardedSession.lines(
                  "250-origin",
                  "250-AUTH XOAUTH2",
                  "250-SIZE",
                  "250 CHUNKING",
                  "334 name",
                  "334 password",
                  "235 2.7.0 in",
                  "250 2.1.0 ok",
                  "250 2.1.5 ok",
                  "354 go",
                  "250 2.0.0 taken",
                  "250 2.1.0 ok",
                  "250 2.1.5 ok",
                  "250 2.0.0 chunk",
                  "250 2.0.0 chunk",
                  "502 5.5.1 This command is not supported",
                  "221 2.0.0 bye"));
      assertThat(session.told).isEmpty();
      assertThat(session.messages).hasSize(2);
    }
  }
}
