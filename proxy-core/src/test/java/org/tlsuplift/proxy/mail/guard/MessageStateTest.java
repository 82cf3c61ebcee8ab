package org.tlsuplift.proxy.mail.guard;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlsuplift.proxy.mail.LineEnds;
import org.tlsuplift.proxy.mail.MailPolicy;
import org.tlsuplift.proxy.model.MailMessage;
import org.tlsuplift.proxy.model.MessageOutcome;
import org.tlsuplift.proxy.outcome.CloseReason;

/**
 * The guard and the origin agree about the message that is under way, whatever the origin replies
 * and whenever its replies come.
 */
class MessageStateTest {
  private static final String MAIL = "MAIL FROM:<scans@contoso.example>\r\n";
  private static final String RCPT = "RCPT TO:<a@contoso.example>\r\n";
  private static final String NO_MESSAGE = "503 5.5.1 No message has begun; send MAIL first\r\n";
  private static final String REFUSED = "501 5.5.4 Syntax\r\n";

  /** Two recipients of one message, and 10 bytes. */
  private static final MailPolicy LIMITS =
      new MailPolicy(List.of(), List.of(), 2, 10, 0, 0, LineEnds.PASS, null);

  /** A session whose origin offers CHUNKING. */
  private static GuardedSession session(MailPolicy policy) {
    GuardedSession session = new GuardedSession(policy);
    session.device("EHLO a\r\n").origin("250-mail.example\r\n250 CHUNKING\r\n");
    session.passed();
    session.heard();
    return session;
  }

  @ParameterizedTest
  @ValueSource(strings = {"RSET x", "RSET", "EHLO", "EHLO a b", "HELO"})
  void refusedResetKeepsTheCountOfRecipients(String reset) {
    try (GuardedSession session = session(LIMITS).begun()) {
      session.device(RCPT).origin("250 ok\r\n").passed();
      session.heard();
      session.device(reset + "\r\n" + RCPT + RCPT);
      assertThat(session.passed()).isEqualTo(reset + "\r\n");
      assertThat(session.origin(REFUSED).passed()).isEmpty();
      assertThat(session.heard())
          .startsWith(REFUSED + "452 4.5.3 Too many recipients")
          .doesNotContain("250 ");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"RSET x", "EHLO"})
  void refusedResetKeepsTheSizeOfChunks(String reset) {
    try (GuardedSession session = session(LIMITS).begun()) {
      session.device("BDAT 6\r\n123456").origin("250 ok\r\n").passed();
      session.heard();
      session.device(reset + "\r\nBDAT 5 LAST\r\n12345").origin(REFUSED);
      assertThat(session.passed()).isEqualTo(reset + "\r\n");
      assertThat(session.heard()).startsWith(REFUSED + "552 5.3.4 The message is larger than 10");
    }
  }

  @ParameterizedTest
  @CsvSource({"RSET x,DATA", "EHLO,DATA", "RSET x,BDAT", "EHLO,BDAT"})
  void messageAfterARefusedResetHasItsSenderAndRecipientsInTheTrail(String reset, String way) {
    try (GuardedSession session = session(MailPolicy.NONE).begun()) {
      session.device(reset + "\r\n").origin(REFUSED);
      if (way.equals("DATA")) {
        session.device("DATA\r\n").origin("354 go\r\n").device("x\r\n.\r\n");
      } else {
        session.device("BDAT 3 LAST\r\nx\r\n");
      }
      assertThat(session.messages).isEmpty();
      session.origin("250 2.0.0 queued\r\n");
      assertThat(session.messages).hasSize(1);
      MailMessage message = session.messages.get(0);
      assertThat(message.sender()).isEqualTo("scans@contoso.example");
      assertThat(message.recipients()).containsExactly("a@contoso.example");
      assertThat(message.size()).isEqualTo(3);
      assertThat(message.outcome()).isEqualTo(MessageOutcome.ACCEPTED);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"RSET", "rset", "EHLO b", "HELO b"})
  void acceptedResetEndsTheMessage(String reset) {
    try (GuardedSession session = session(LIMITS).begun()) {
      session.device(reset + "\r\n");
      assertThat(session.messages).isEmpty();
      session.origin("250 ok\r\n");
      assertThat(session.messages)
          .extracting(MailMessage::outcome)
          .containsExactly(MessageOutcome.ABANDONED);
      session.heard();
      session.passed();
      session.device(RCPT + "DATA\r\n");
      assertThat(session.passed()).isEmpty();
      assertThat(session.heard()).isEqualTo(NO_MESSAGE + NO_MESSAGE);
      session.device(MAIL + RCPT + RCPT).origin("250 ok\r\n".repeat(3));
      assertThat(session.passed()).isEqualTo(MAIL + RCPT + RCPT);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"MAIL FROM:<a@b.example>", "RCPT TO:<a@b.example>", "DATA"})
  void commandAfterAResetWaitsForItsReply(String next) {
    try (GuardedSession session = session(MailPolicy.NONE).begun()) {
      session.device("RSET\r\n" + next + "\r\n");
      assertThat(session.passed()).isEqualTo("RSET\r\n");
      assertThat(session.heard()).isEmpty();
      session.origin("250 ok\r\n");
      boolean begins = next.startsWith("MAIL");
      assertThat(session.passed()).isEqualTo(begins ? next + "\r\n" : "");
      assertThat(session.heard()).isEqualTo("250 ok\r\n" + (begins ? "" : NO_MESSAGE));
    }
  }

  @Test
  void commandsAfterAResetWithoutAMessagePassAtOnce() {
    try (GuardedSession session = session(MailPolicy.NONE)) {
      session.device("RSET\r\n" + MAIL + RCPT + "DATA\r\n");
      assertThat(session.passed()).isEqualTo("RSET\r\n" + MAIL + RCPT + "DATA\r\n");
      session.origin("250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n").device(".\r\n");
      session.origin("250 queued\r\n");
      assertThat(session.messages).extracting(MailMessage::size).containsExactly(0L);
    }
  }

  @Test
  void eachOfSeveralResetsIsAwaited() {
    try (GuardedSession session = session(MailPolicy.NONE).begun()) {
      session.device("RSET x\r\nEHLO\r\nRSET\r\n" + MAIL);
      session.origin(REFUSED + REFUSED);
      assertThat(session.passed()).isEqualTo("RSET x\r\nEHLO\r\nRSET\r\n");
      assertThat(session.origin("250 ok\r\n").passed()).isEqualTo(MAIL);
      assertThat(session.messages).hasSize(1);
    }
  }

  @Test
  void resetOfAMessageWhoseSenderTheOriginRefusesEndsNothing() {
    try (GuardedSession session = session(MailPolicy.NONE)) {
      session.device(MAIL + "RSET\r\n" + MAIL);
      session.origin("550 no\r\n250 ok\r\n");
      assertThat(session.passed()).isEqualTo(MAIL + "RSET\r\n" + MAIL);
      session.origin("250 ok\r\n").device(RCPT);
      assertThat(session.passed()).isEqualTo(RCPT);
      assertThat(session.messages).hasSize(1);
    }
  }

  @Test
  void refusedEhloKeepsTheCapabilitiesOfTheOrigin() {
    MailPolicy limits = new MailPolicy(List.of(), List.of(), 0, 1000, 0, 0, LineEnds.PASS, null);
    try (GuardedSession session = session(limits)) {
      session.device("EHLO\r\n").origin("501 5.5.4 Syntax: EHLO hostname\r\n").passed();
      assertThat(session.heard()).isEqualTo("501 5.5.4 Syntax: EHLO hostname\r\n");
      // The origin knows no SIZE.
      session.device("MAIL FROM:<a@b.example> SIZE=5\r\n").origin("250 ok\r\n");
      assertThat(session.passed()).isEqualTo("MAIL FROM:<a@b.example>\r\n");
      session.device(RCPT).origin("250 ok\r\n").device("BDAT 1 LAST\r\nx");
      assertThat(session.passed()).isEqualTo(RCPT + "BDAT 1 LAST\r\nx");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {RCPT, "DATA\r\n", "BDAT 0 LAST\r\n"})
  void commandWithoutAMessageDoesNotPass(String command) {
    try (GuardedSession session = session(LIMITS)) {
      session.device(command);
      assertThat(session.passed()).isEmpty();
      assertThat(session.heard()).isEqualTo(NO_MESSAGE);
      assertThat(session.told).isEmpty();
      assertThat(session.messages).isEmpty();
    }
  }

  /** A recipient that does not pass is not one of the recipients per day. */
  @Test
  void recipientWithoutAMessageDoesNotCount() {
    MailPolicy quota = new MailPolicy(List.of(), List.of(), 0, 0, 0, 1, LineEnds.PASS, null);
    try (GuardedSession session = session(quota)) {
      session.device(RCPT + RCPT + MAIL + RCPT);
      assertThat(session.passed()).isEqualTo(MAIL + RCPT);
      session.device(RCPT).origin("250 ok\r\n250 ok\r\n");
      assertThat(session.heard()).contains("450 4.7.1 ");
    }
  }

  /** An origin that does not read a chunk that it refuses would take its bytes for commands. */
  @Test
  void chunkWithoutAMessageIsDropped() {
    try (GuardedSession session = session(MailPolicy.NONE)) {
      session.device("BDAT 33 LAST\r\nMAIL FROM:<ceo@cont").device("oso.example>\r\nNOOP\r\n");
      assertThat(session.passed()).isEqualTo("NOOP\r\n");
      assertThat(session.heard()).isEqualTo(NO_MESSAGE);
    }
  }

  @Test
  void chunkOfAMessageWhoseSenderTheOriginRefusesIsDropped() {
    try (GuardedSession session = session(MailPolicy.NONE)) {
      session.device(MAIL + RCPT + "BDAT 6\r\nRSET\r\nNOOP\r\n");
      assertThat(session.passed()).isEqualTo(MAIL + RCPT);
      session.origin("550 no\r\n503 no\r\n");
      assertThat(session.passed()).isEqualTo("NOOP\r\n");
      assertThat(session.heard()).isEqualTo("550 no\r\n503 no\r\n" + NO_MESSAGE);
    }
  }

  @Test
  void chunkOfAMessageWithoutARecipientIsDropped() {
    try (GuardedSession session = session(MailPolicy.NONE)) {
      session.device(MAIL + RCPT + "BDAT 6 LAST\r\nRSET\r\nNOOP\r\n");
      session.origin("250 ok\r\n550 5.1.1 unknown\r\n");
      assertThat(session.passed()).isEqualTo(MAIL + RCPT + "NOOP\r\n");
      assertThat(session.heard())
          .endsWith("503 5.5.1 The message has no recipients; send RCPT first\r\n");
    }
  }

  @Test
  void chunkAfterOneThatTheOriginRefusedIsDropped() {
    try (GuardedSession session = session(MailPolicy.NONE).begun()) {
      session.device("BDAT 1\r\nxBDAT 6 LAST\r\nRSET\r\nRSET\r\n" + MAIL);
      assertThat(session.passed()).isEqualTo("BDAT 1\r\nx");
      session.origin("452 4.3.1 full\r\n");
      assertThat(session.passed()).isEqualTo("RSET\r\n");
      assertThat(session.heard())
          .isEqualTo("452 4.3.1 full\r\n503 5.5.1 A chunk was refused; send RSET first\r\n");
      assertThat(session.origin("250 ok\r\n").passed()).isEqualTo(MAIL);
      assertThat(session.messages)
          .extracting(MailMessage::outcome, MailMessage::reply)
          .containsExactly(
              org.assertj.core.groups.Tuple.tuple(MessageOutcome.DEFERRED, "452 4.3.1 full"));
    }
  }

  /** Its message has no sender and no recipients that the rules have seen. */
  @Test
  void dataOfAMessageThatTheOriginRefusedEndsTheSession() {
    try (GuardedSession session = session(LIMITS)) {
      session.device(MAIL + RCPT + "DATA\r\n").origin("550 no\r\n250 ok\r\n354 go\r\n");
      session.passed();
      assertThat(session.heard())
          .endsWith("421 4.3.0 The origin wants data of a message that it refused\r\n");
      session.device("Subject: x\r\n\r\n.\r\n");
      assertThat(session.passed()).isEmpty();
      assertThat(session.ends).containsExactly(CloseReason.ORIGIN_PROTOCOL_ERROR);
      assertThat(session.messages)
          .extracting(MailMessage::sender)
          .containsExactly("scans@contoso.example");
    }
  }
}
