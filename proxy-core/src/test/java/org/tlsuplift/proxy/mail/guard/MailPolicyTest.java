package org.tlsuplift.proxy.mail.guard;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlsuplift.proxy.mail.LineEnds;
import org.tlsuplift.proxy.mail.MailPolicy;
import org.tlsuplift.proxy.mail.RewriteFrom;
import org.tlsuplift.proxy.model.MailMessage;
import org.tlsuplift.proxy.model.MessageOutcome;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.outcome.MessageRefusal;

/** The rules of a listener for messages, and the replies of a guard that enforces them. */
class MailPolicyTest {
  private static final String MAIL = "MAIL FROM:<scans@contoso.example>\r\n";
  private static final String RCPT = "RCPT TO:<a@contoso.example>\r\n";

  private static MailPolicy senders(String... allowed) {
    return new MailPolicy(List.of(allowed), List.of(), 0, 0, 0, 0, LineEnds.PASS, null);
  }

  private static MailPolicy recipients(int most, String... allowed) {
    return new MailPolicy(List.of(), List.of(allowed), most, 0, 0, 0, LineEnds.PASS, null);
  }

  private static MailPolicy size(long bytes) {
    return new MailPolicy(List.of(), List.of(), 0, bytes, 0, 0, LineEnds.PASS, null);
  }

  private static MailPolicy quotas(int messages, int recipients) {
    return new MailPolicy(List.of(), List.of(), 0, 0, messages, recipients, LineEnds.PASS, null);
  }

  /** A session in which the origin has accepted MAIL, RCPT and DATA. */
  private static GuardedSession inData(MailPolicy policy) {
    GuardedSession session = new GuardedSession(policy);
    session.device(MAIL + RCPT + "DATA\r\n").origin("250 ok\r\n250 ok\r\n354 go\r\n");
    session.passed();
    session.heard();
    return session;
  }

  @Test
  void onlyNamedSendersPass() {
    try (GuardedSession session = new GuardedSession(senders("scans@contoso.example"))) {
      session.device("MAIL FROM:<ceo@contoso.example>\r\n");
      assertThat(session.passed()).isEmpty();
      assertThat(session.heard())
          .isEqualTo(
              "550 5.7.60 <ceo@contoso.example> is not among the senders that this listener allows"
                  + " (mail.allowedSenders)\r\n");
      assertThat(session.told)
          .containsExactly(
              "sender_not_allowed: 5.7.60 <ceo@contoso.example> is not among the senders that this"
                  + " listener allows (mail.allowedSenders)");
      assertThat(session.device(MAIL).passed()).isEqualTo(MAIL);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"<ceo@contoso.example>", "<>", "<\"scans\"@contoso.example>", "ceo"})
  void noOtherSenderPasses(String sender) {
    try (GuardedSession session = new GuardedSession(senders("scans@contoso.example"))) {
      assertThat(session.device("MAIL FROM:" + sender + "\r\n").passed()).isEmpty();
      assertThat(session.heard()).startsWith("550 5.7.60 ");
    }
  }

  @Test
  void theAccountAndTheListenerMustBothAllowTheSender() {
    try (GuardedSession session =
        new GuardedSession(senders("@contoso.example"), "scans@contoso.example", "x@y.example")) {
      assertThat(session.device("MAIL FROM:<x@y.example>\r\n").heard())
          .contains("this listener allows");
      assertThat(session.device("MAIL FROM:<other@contoso.example>\r\n").heard())
          .contains("the account of scans@contoso.example allows");
      assertThat(session.device(MAIL).passed()).isEqualTo(MAIL);
    }
  }

  @Test
  void onlyNamedRecipientsPass() {
    try (GuardedSession session =
        new GuardedSession(recipients(0, "@contoso.example", "b@fabrikam.example"))) {
      session.device(MAIL + RCPT + "RCPT TO:<b@fabrikam.example> NOTIFY=NEVER\r\n");
      assertThat(session.passed())
          .isEqualTo(MAIL + RCPT + "RCPT TO:<b@fabrikam.example> NOTIFY=NEVER\r\n");
      session.origin("250 ok\r\n".repeat(3)).heard();
      session.device("RCPT TO:<c@fabrikam.example>\r\nRCPT TO <a@contoso.example>\r\n");
      assertThat(session.passed()).isEmpty();
      assertThat(session.heard())
          .isEqualTo(
              "550 5.7.1 <c@fabrikam.example> is not among the recipients that this listener allows"
                  + " (mail.allowedRecipients)\r\n501 5.5.4 Expected RCPT TO:<address>\r\n");
      assertThat(session.told).hasSize(1).first().asString().startsWith("recipient_not_allowed: ");
    }
  }

  /** Some servers deliver such a recipient to the other domain. */
  @ParameterizedTest
  @CsvSource({
    "<a%evil.example@contoso.example>,550 5.7.1 ",
    "<evil.example!a@contoso.example>,550 5.7.1 ",
    "<@evil.example:a@contoso.example>,550 5.7.1 ",
    "<a@contoso.example> <b@evil.example>,501 5.5.4 ",
    "<a@contoso.example> ORCPT=rfc822;<b@evil.example>,501 5.5.4 "
  })
  void recipientsRoutedToAnotherDomainDoNotPass(String recipient, String reply) {
    try (GuardedSession session = new GuardedSession(recipients(0, "@contoso.example")).begun()) {
      assertThat(session.device("RCPT TO:" + recipient + "\r\n").passed()).isEmpty();
      assertThat(session.heard()).startsWith(reply);
    }
  }

  @Test
  void aMessageHasAMaximumOfRecipients() {
    try (GuardedSession session = new GuardedSession(recipients(2))) {
      session.device(MAIL + RCPT.repeat(3));
      assertThat(session.passed()).isEqualTo(MAIL + RCPT + RCPT);
      session.origin("250 ok\r\n250 ok\r\n550 5.1.1 unknown\r\n");
      assertThat(session.heard())
          .endsWith(
              "452 4.5.3 Too many recipients; a message may have 2 (mail.maximumRecipients)\r\n");
      // The origin refused one, so that there is room for another.
      assertThat(session.device(RCPT).passed()).isEqualTo(RCPT);
      session.origin("250 ok\r\n").heard();
      session.device("RSET\r\n" + MAIL + RCPT);
      assertThat(session.passed()).isEqualTo("RSET\r\n");
      assertThat(session.origin("250 ok\r\n").passed()).isEqualTo(MAIL + RCPT);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"<\"a b\"@s.example>", "<\"a\\\"b c\"@s.example> SIZE=10"})
  void aQuotedLocalPartMayHaveSpaces(String address) {
    String mail = "MAIL FROM:" + address + "\r\n";
    try (GuardedSession session = new GuardedSession(recipients(1))) {
      assertThat(session.device(mail).passed()).isEqualTo(mail);
    }
    assertThat(Envelope.to(" TO:" + address)).isNotNull();
    assertThat(Envelope.to(" TO:<\"a b@s.example>")).isNull();
    assertThat(Envelope.to(" TO:<\"a\" b\"@s.example>")).isNull();
  }

  @ParameterizedTest
  @CsvSource({
    "SIZE 157286400,SIZE 1000",
    "SIZE 1000,SIZE 1000",
    "SIZE 999,SIZE 999",
    "SIZE,SIZE 1000",
    "SIZE 0,SIZE 1000",
    "size 5000,SIZE 1000",
    "SIZE 9999999999999999999999,SIZE 1000"
  })
  void theSmallerSizeIsAnnounced(String ofOrigin, String shown) {
    try (GuardedSession session = new GuardedSession(size(1000))) {
      session
          .device("EHLO a\r\n")
          .origin("250-mail.example\r\n250-" + ofOrigin + "\r\n250 DSN\r\n");
      assertThat(session.heard()).isEqualTo("250-mail.example\r\n250-" + shown + "\r\n250 DSN\r\n");
    }
  }

  @Test
  void anOriginWithoutSizeGetsNoSize() {
    try (GuardedSession session = new GuardedSession(size(1000))) {
      session.device("EHLO a\r\n").origin("250-mail.example\r\n250 DSN\r\n").passed();
      assertThat(session.heard()).isEqualTo("250-mail.example\r\n250-DSN\r\n250 SIZE 1000\r\n");
      session.device("MAIL FROM:<a@b.example> BODY=8BITMIME SIZE=999 RET=HDRS\r\n");
      assertThat(session.passed()).isEqualTo("MAIL FROM:<a@b.example> BODY=8BITMIME RET=HDRS\r\n");
    }
  }

  /** A device that does not wait for the list cannot know it. */
  @Test
  void aDeclaredSizeWaitsForTheList() {
    try (GuardedSession session = new GuardedSession(size(1000))) {
      session.device("EHLO a\r\nMAIL FROM:<a@b.example> SIZE=999\r\n");
      assertThat(session.passed()).isEqualTo("EHLO a\r\n");
      assertThat(session.origin("250-mail.example\r\n250 DSN\r\n").passed())
          .isEqualTo("MAIL FROM:<a@b.example>\r\n");
    }
  }

  @Test
  void withoutRulesADeclaredSizePassesToEveryOrigin() {
    try (GuardedSession session = new GuardedSession(MailPolicy.NONE)) {
      session.device("EHLO a\r\n").origin("250-mail.example\r\n250 DSN\r\n").passed();
      session.device("MAIL FROM:<a@b.example> SIZE=999\r\n");
      assertThat(session.passed()).isEqualTo("MAIL FROM:<a@b.example> SIZE=999\r\n");
    }
  }

  @Test
  void heloHasNoSize() {
    try (GuardedSession session = new GuardedSession(size(1000))) {
      session.device("HELO a\r\n").origin("250 mail.example\r\n");
      assertThat(session.heard()).isEqualTo("250 mail.example\r\n");
    }
  }

  @ParameterizedTest
  @CsvSource({"SIZE=1000,true", "size=1001,false", "SIZE=99999999999999999999,false", "DSN,true"})
  void aDeclaredSizeIsChecked(String parameter, boolean passes) {
    try (GuardedSession session = new GuardedSession(size(1000))) {
      session.device("MAIL FROM:<a@b.example> " + parameter + "\r\n");
      assertThat(session.passed().isEmpty()).isNotEqualTo(passes);
      assertThat(session.heard())
          .isEqualTo(
              passes
                  ? ""
                  : "552 5.3.4 The message is larger than 1000 bytes (mail.maximumSize)\r\n");
    }
  }

  /** The device sends the message to its end before it reads the reply. */
  @Test
  void aMessageThatBecomesTooLargeIsDroppedToItsEnd() {
    try (GuardedSession session = inData(size(1000))) {
      assertThat(session.device("x".repeat(900) + "\r\n").passed()).hasSize(902);
      assertThat(session.device("x".repeat(200) + "\r\n").passed()).isEmpty();
      assertThat(session.heard()).isEmpty();
      assertThat(session.device("MAIL FROM:<a@b.example>\r\n.\r\nNOOP\r\n").passed()).isEmpty();
      assertThat(session.heard())
          .isEqualTo(
              "552 5.3.4 The message is larger than 1000 bytes (mail.maximumSize)\r\n"
                  + GuardedSession.CLOSING);
      assertThat(session.ends).containsExactly(CloseReason.MESSAGE_REFUSED);
      assertThat(session.endings).containsExactly(MessageRefusal.TOO_LARGE);
    }
  }

  @Test
  void anOversizedMessageEndsTheSessionAfter64MiB() {
    try (GuardedSession session = inData(size(1000))) {
      String megabyte = "x".repeat(1 << 20);
      for (int i = 0; i < 64; i++) {
        session.device(megabyte);
      }
      assertThat(session.ends).isEmpty();
      session.device("x");
      assertThat(session.ends).containsExactly(CloseReason.MESSAGE_REFUSED);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "998,true,0",
    "998,true,1",
    "998,true,2",
    "999,false,0",
    "999,false,2",
    "1000,false,1"
  })
  void finalDotDoesNotCountAsSize(int text, boolean passes, int cut) {
    try (GuardedSession session = inData(size(1000))) {
      String end = ".\r\n";
      session.device("x".repeat(text) + "\r\n" + end.substring(0, cut));
      session.device(end.substring(cut));
      assertThat(session.ends.isEmpty()).isEqualTo(passes);
      assertThat(session.passed().endsWith("\r\n.\r\n")).isEqualTo(passes);
    }
  }

  @Test
  void aChunkThatWouldMakeTheMessageTooLargeIsRefused() {
    try (GuardedSession session = new GuardedSession(size(10))) {
      session.device("EHLO a\r\n").origin("250-mail.example\r\n250 CHUNKING\r\n");
      session.passed();
      session.heard();
      session.device(MAIL + RCPT + "BDAT 6\r\n123456BDAT 5\r\n12345BDAT 1 LAST\r\n1RSET\r\n");
      assertThat(session.passed()).isEqualTo(MAIL + RCPT);
      assertThat(session.origin("250 ok\r\n250 ok\r\n").passed()).isEqualTo("BDAT 6\r\n123456");
      session.origin("250 6 bytes\r\n");
      assertThat(session.heard())
          .isEqualTo(
              GuardedSession.lines(
                  "250 ok",
                  "250 ok",
                  "250 6 bytes",
                  "552 5.3.4 The message is larger than 10 bytes (mail.maximumSize)",
                  "503 5.5.1 A chunk was refused; send RSET first"));
      assertThat(session.passed()).isEqualTo("RSET\r\n");
      assertThat(session.ends).isEmpty();
    }
  }

  @Test
  void limitsMessagesPerHourOfADevice() {
    try (GuardedSession session = new GuardedSession(quotas(2, 0))) {
      for (int i = 0; i < 2; i++) {
        assertThat(session.device(MAIL + "RSET\r\n").passed()).isEqualTo(MAIL + "RSET\r\n");
        session.origin("250 ok\r\n250 ok\r\n").heard();
      }
      assertThat(session.device(MAIL + "RCPT TO:<a@b.example>\r\n").heard())
          .isEqualTo(
              "450 4.7.1 This device has sent its 2 messages per hour (mail.messagesPerHour); try"
                  + " again later\r\n503 5.5.1 No message has begun; send MAIL first\r\n");
      assertThat(session.passed()).isEmpty();
      assertThat(session.told).hasSize(1).first().asString().startsWith("messages_per_hour: ");
    }
  }

  @Test
  void limitsRecipientsPerDayOfADevice() {
    try (GuardedSession session = new GuardedSession(quotas(0, 2))) {
      session.device(MAIL + RCPT.repeat(3) + "DATA\r\n");
      assertThat(session.passed()).isEqualTo(MAIL + RCPT + RCPT);
      session.origin("250 ok\r\n".repeat(3));
      assertThat(session.heard())
          .endsWith(
              "450 4.7.1 This device has sent to its 2 recipients per day (mail.recipientsPerDay);"
                  + " try again later\r\n");
      assertThat(session.passed()).isEqualTo("DATA\r\n");
      assertThat(session.told).hasSize(1).first().asString().startsWith("recipients_per_day: ");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"a\nb\r\n", "a\rb\r\n", "a\r\r\n"})
  void bareLineEndsAreRefusedIfConfigured(String text) {
    MailPolicy policy = new MailPolicy(List.of(), List.of(), 0, 0, 0, 0, LineEnds.REFUSE, null);
    try (GuardedSession session = inData(policy)) {
      assertThat(session.device("Subject: x\r\n\r\n").passed()).isEqualTo("Subject: x\r\n\r\n");
      assertThat(session.device(text + ".\r\n").passed()).isEmpty();
      assertThat(session.heard())
          .isEqualTo(
              "554 5.6.0 The message has a bare CR or a bare LF; end lines with CRLF\r\n"
                  + GuardedSession.CLOSING);
      assertThat(session.endings).containsExactly(MessageRefusal.BARE_LINE_END);
    }
    try (GuardedSession session = inData(policy)) {
      assertThat(session.device("a\r\n..\r\n.\r\n").passed()).isEqualTo("a\r\n..\r\n.\r\n");
    }
  }

  @Test
  void bareLineEndsAreRepairedIfConfigured() {
    MailPolicy policy = new MailPolicy(List.of(), List.of(), 0, 0, 0, 0, LineEnds.REPAIR, null);
    try (GuardedSession session = inData(policy)) {
      session.device("Subject: x\n\n.hidden\n.\nMAIL FROM:<ceo@contoso.example>\r\n.\r\nQUIT\r\n");
      assertThat(session.passed())
          .isEqualTo(
              GuardedSession.lines(
                  "Subject: x",
                  "",
                  "..hidden",
                  "..",
                  "MAIL FROM:<ceo@contoso.example>",
                  ".",
                  "QUIT"));
      session.origin("250 2.0.0 queued\r\n221 bye\r\n");
      assertThat(session.messages).hasSize(1);
      assertThat(session.messages.get(0).repairedLineEnds()).isEqualTo(4);
    }
  }

  /** Devices that write LF in a message write it behind commands too. */
  @Test
  void commandsAreRepairedWithTheMessage() {
    MailPolicy policy = new MailPolicy(List.of(), List.of(), 0, 0, 0, 0, LineEnds.REPAIR, null);
    try (GuardedSession session = new GuardedSession(policy)) {
      session.device("AUTH LOGIN\nYQ==\nNOOP\n");
      assertThat(session.passed()).isEqualTo("AUTH LOGIN\r\n");
      assertThat(session.origin("334 x\r\n").passed()).isEqualTo("YQ==\r\n");
      assertThat(session.origin("235 in\r\n").passed()).isEqualTo("NOOP\r\n");
      session.device("NOOP a\rb\n");
      assertThat(session.passed()).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"true", "refuse", "rewrite"})
  void chunksAreNotOfferedWhereTheirLengthWouldChange(String rule) {
    LineEnds ends =
        rule.equals("true")
            ? LineEnds.REPAIR
            : rule.equals("refuse") ? LineEnds.REFUSE : LineEnds.PASS;
    RewriteFrom rewrite =
        rule.equals("rewrite")
            ? new RewriteFrom("a@b.example", null, RewriteFrom.ReplyTo.NONE)
            : null;
    try (GuardedSession session =
        new GuardedSession(new MailPolicy(List.of(), List.of(), 0, 0, 0, 0, ends, rewrite))) {
      session.device("EHLO a\r\n");
      session.origin("250-mail.example\r\n250-CHUNKING\r\n250-BINARYMIME\r\n250 DSN\r\n");
      assertThat(session.heard()).isEqualTo("250-mail.example\r\n250 DSN\r\n");
      session.passed();
      session.device("MAIL FROM:<c@d.example> SIZE=7\r\nBDAT 1 LAST\r\nx");
      assertThat(session.passed()).endsWith("@" + (rewrite == null ? "d" : "b") + ".example>\r\n");
    }
  }

  @Test
  void theSenderIsReplacedInEnvelopeAndHeader() {
    MailPolicy policy =
        new MailPolicy(
            List.of("@printer"),
            List.of(),
            0,
            0,
            0,
            0,
            LineEnds.PASS,
            new RewriteFrom("scanner@contoso.example", null, RewriteFrom.ReplyTo.NONE));
    try (GuardedSession session = new GuardedSession(policy)) {
      session.device("MAIL FROM:<root@printer> SIZE=50 BODY=8BITMIME\r\n" + RCPT + "DATA\r\n");
      assertThat(session.passed())
          .isEqualTo("MAIL FROM:<scanner@contoso.example> BODY=8BITMIME\r\n" + RCPT + "DATA\r\n");
      session.origin("250 ok\r\n250 ok\r\n354 go\r\n");
      session.device("From: Root <root@pri").device("nter>\r\nSubject: x\r\n\r\nFrom: a\r\n.\r\n");
      assertThat(session.passed())
          .isEqualTo("From: Root <scanner@contoso.example>\r\nSubject: x\r\n\r\nFrom: a\r\n.\r\n");
      session.origin("250 queued\r\n");
      assertThat(session.messages.get(0).sender()).isEqualTo("root@printer");
      session.device("MAIL FROM:<ceo@contoso.example>\r\n");
      assertThat(session.passed()).isEmpty();
    }
  }

  @Test
  void originDecidesOnTheSizeOfAMessageThatItHearsOf() {
    MailPolicy policy = new MailPolicy(List.of(), List.of(), 5, 0, 0, 0, LineEnds.PASS, null);
    try (GuardedSession session = new GuardedSession(policy)) {
      session.device("EHLO a\r\n").origin("250-mail.example\r\n250 SIZE 1000\r\n");
      session.passed();
      session.device("MAIL FROM:<c@d.example> SIZE=1001\r\n");
      assertThat(session.passed()).isEqualTo("MAIL FROM:<c@d.example> SIZE=1001\r\n");
    }
  }

  @Test
  void refusesAMessageThatTheOriginWouldRefuseAfterItsData() {
    MailPolicy policy =
        new MailPolicy(
            List.of(),
            List.of(),
            0,
            0,
            0,
            0,
            LineEnds.PASS,
            new RewriteFrom("a@b.example", null, RewriteFrom.ReplyTo.NONE));
    try (GuardedSession session = new GuardedSession(policy)) {
      session.device("EHLO a\r\n").origin("250-mail.example\r\n250 SIZE 1000\r\n");
      session.heard();
      session.passed();
      session.device("MAIL FROM:<c@d.example> SIZE=1001\r\n");
      assertThat(session.passed()).isEmpty();
      assertThat(session.heard())
          .isEqualTo(
              "552 5.3.4 The message is larger than the 1000 bytes that the mail server accepts\r\n");
      session.device("MAIL FROM:<c@d.example> SIZE=1000\r\n");
      assertThat(session.passed()).isEqualTo("MAIL FROM:<a@b.example>\r\n");
    }
  }

  @Test
  void theNewSenderMayBeTheMailboxOfTheAccount() {
    MailPolicy policy =
        new MailPolicy(
            List.of(),
            List.of(),
            0,
            0,
            0,
            0,
            LineEnds.PASS,
            new RewriteFrom(RewriteFrom.MAILBOX, null, RewriteFrom.ReplyTo.NONE));
    try (GuardedSession session = new GuardedSession(policy, "@printer")) {
      session.device("MAIL FROM:<root@printer>\r\nDATA\r\n");
      assertThat(session.passed()).isEqualTo("MAIL FROM:<scans@contoso.example>\r\nDATA\r\n");
      session.origin("250 ok\r\n354 go\r\n").device("From: root@printer\r\n\r\n.\r\n");
      assertThat(session.passed()).isEqualTo("From: scans@contoso.example\r\n\r\n.\r\n");
    }
    try (GuardedSession session = new GuardedSession(policy)) {
      session.device("MAIL FROM:<root@printer>\r\n");
      assertThat(session.passed()).isEqualTo("MAIL FROM:<root@printer>\r\n");
    }
  }

  @Test
  void aHeaderThatIsTooLargeIsRefusedAtTheEndOfTheMessage() {
    MailPolicy policy =
        new MailPolicy(
            List.of(),
            List.of(),
            0,
            0,
            0,
            0,
            LineEnds.PASS,
            new RewriteFrom("a@b.example", null, RewriteFrom.ReplyTo.NONE));
    try (GuardedSession session = inData(policy)) {
      session.device(("X-Long: " + "x".repeat(90) + "\r\n").repeat(660));
      assertThat(session.passed()).isEmpty();
      session.device("\r\nbody\r\n.\r\nQUIT\r\n");
      assertThat(session.passed()).isEmpty();
      assertThat(session.heard())
          .isEqualTo(
              "552 5.3.4 The header of the message is larger than 65536 bytes\r\n"
                  + GuardedSession.CLOSING);
      assertThat(session.endings).containsExactly(MessageRefusal.HEADER_TOO_LARGE);
    }
  }

  @Test
  void theWholeOfAnAcceptedMessageIsReported() {
    try (GuardedSession session = inData(MailPolicy.NONE)) {
      session.device("Subject: secret\r\n\r\nx\r\n.\r\n");
      assertThat(session.messages).isEmpty();
      session.origin("250-2.0.0 ok\r\n250 2.0.0 <id@contoso.example> [Hostname=AM0.example]\r\n");
      MailMessage message = session.messages.get(0);
      assertThat(message.sender()).isEqualTo("scans@contoso.example");
      assertThat(message.recipients()).containsExactly("a@contoso.example");
      assertThat(message.recipientCount()).isEqualTo(1);
      assertThat(message.acceptedRecipients()).isEqualTo(1);
      assertThat(message.size()).isEqualTo(22);
      assertThat(message.outcome()).isEqualTo(MessageOutcome.ACCEPTED);
      assertThat(message.refusal()).isNull();
      assertThat(message.reply())
          .isEqualTo("250 2.0.0 <id@contoso.example> [Hostname=AM0.example]");
      assertThat(message.toString()).doesNotContain("secret");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "451 4.7.500 Server busy,DEFERRED",
    "554 5.2.252 SendAsDenied,REJECTED",
    "x,REJECTED"
  })
  void theReplyToTheDataDecides(String reply, MessageOutcome outcome) {
    try (GuardedSession session = inData(MailPolicy.NONE)) {
      session.device(".\r\n").origin(reply + "\r\n");
      assertThat(session.messages).hasSize(1);
      assertThat(session.messages.get(0).outcome()).isEqualTo(outcome);
      assertThat(session.messages.get(0).reply()).isEqualTo(reply);
    }
  }

  @Test
  void aMessageWhoseSenderTheOriginRefusesIsReported() {
    try (GuardedSession session = new GuardedSession(MailPolicy.NONE)) {
      session.device(MAIL).origin("530 5.7.57 Client not authenticated\r\n");
      assertThat(session.messages).hasSize(1);
      assertThat(session.messages.get(0).outcome()).isEqualTo(MessageOutcome.REJECTED);
    }
  }

  /** A device whose only recipient is refused sends RSET or QUIT. */
  @ParameterizedTest
  @ValueSource(strings = {"RSET\r\n", "EHLO a\r\n", "QUIT\r\n"})
  void messageThatTheDeviceGivesUpHasTheRefusalOfTheOrigin(String command) {
    try (GuardedSession session = new GuardedSession(MailPolicy.NONE)) {
      session.device(MAIL + RCPT).origin("250 ok\r\n550 5.4.1 Recipient address rejected\r\n");
      session.device(command);
      session.guard.sessionEnds();
      assertThat(session.messages).hasSize(1);
      MailMessage message = session.messages.get(0);
      assertThat(message.outcome()).isEqualTo(MessageOutcome.REJECTED);
      assertThat(message.reply()).isEqualTo("550 5.4.1 Recipient address rejected");
      assertThat(message.recipientCount()).isEqualTo(1);
      assertThat(message.acceptedRecipients()).isZero();
    }
  }

  @Test
  void aMessageThatThisProxyRefusesIsReportedWithTheReason() {
    try (GuardedSession session = new GuardedSession(senders("scans@contoso.example"))) {
      session.device("MAIL FROM:<ceo@contoso.example>\r\n");
      assertThat(session.messages).hasSize(1);
      MailMessage message = session.messages.get(0);
      assertThat(message.sender()).isEqualTo("ceo@contoso.example");
      assertThat(message.outcome()).isEqualTo(MessageOutcome.REFUSED);
      assertThat(message.refusal()).isEqualTo(MessageRefusal.SENDER_NOT_ALLOWED);
      assertThat(message.reply()).startsWith("550 5.7.60 <ceo@contoso.example> ");
    }
  }

  @Test
  void aMessageThatEndsTheSessionIsReportedWithTheReason() {
    try (GuardedSession session = inData(MailPolicy.NONE)) {
      session.device("hello\n.\nMAIL FROM:<ceo@contoso.example>\r\n");
      session.guard.sessionEnds();
      session.guard.sessionEnds();
      assertThat(session.messages).hasSize(1);
      assertThat(session.messages.get(0).refusal()).isEqualTo(MessageRefusal.AMBIGUOUS_END);
    }
  }

  @Test
  void aMessageWithoutAReplyIsAbandoned() {
    try (GuardedSession session = inData(MailPolicy.NONE)) {
      session.device("half a mess");
      session.guard.sessionEnds();
      assertThat(session.messages).hasSize(1);
      assertThat(session.messages.get(0).outcome()).isEqualTo(MessageOutcome.ABANDONED);
      assertThat(session.messages.get(0).size()).isEqualTo(11);
      assertThat(session.messages.get(0).reply()).isEmpty();
    }
  }

  /** The second begins before the origin has replied to the first. */
  @Test
  void reportsPipelinedMessagesSeparately() {
    try (GuardedSession session = inData(MailPolicy.NONE)) {
      session.device("x\r\n.\r\nMAIL FROM:<b@contoso.example>\r\n" + RCPT + "DATA\r\n");
      session.origin("250 queued as 1\r\n250 ok\r\n250 ok\r\n354 go\r\n");
      session.device(".\r\n").origin("250 queued as 2\r\n");
      assertThat(session.messages)
          .extracting(message -> message.sender() + " " + message.reply())
          .containsExactly(
              "scans@contoso.example 250 queued as 1", "b@contoso.example 250 queued as 2");
    }
  }

  @Test
  void boundsTheReportOfAMessage() {
    try (GuardedSession session = new GuardedSession(MailPolicy.NONE)) {
      session.device("MAIL FROM:<" + "s".repeat(1000) + ">\r\n").origin("250 ok\r\n");
      for (int i = 0; i < 100; i++) {
        session.device("RCPT TO:<" + i + "\u00c2\u0085" + "r".repeat(1000) + ">\r\n");
        session.origin("250 ok\r\n");
      }
      session.device("DATA\r\n").origin("354 go\r\n").device(".\r\n");
      session.origin("250 \u0001" + "x".repeat(1000) + "\r\n");
      MailMessage message = session.messages.get(0);
      assertThat(message.sender()).hasSize(MailMessage.MAX_ADDRESS);
      assertThat(message.recipients()).hasSize(MailMessage.MAX_RECIPIENTS);
      assertThat(message.recipients())
          .allSatisfy(each -> assertThat(each).hasSize(MailMessage.MAX_ADDRESS).contains("?"));
      assertThat(message.recipientCount()).isEqualTo(100);
      assertThat(message.reply()).hasSize(MailMessage.MAX_REPLY).matches("[ -~]*");
    }
  }

  @Test
  void aMessageWhoseSenderIsUnreadableIsReportedToo() {
    try (GuardedSession session = new GuardedSession(MailPolicy.NONE)) {
      session.device("MAIL TO:x\r\nDATA\r\n").origin("501 no\r\n503 no\r\n");
      assertThat(session.messages)
          .extracting(MailMessage::sender, MailMessage::outcome)
          .containsExactly(org.assertj.core.groups.Tuple.tuple("TO:x", MessageOutcome.REJECTED));
    }
  }
}
