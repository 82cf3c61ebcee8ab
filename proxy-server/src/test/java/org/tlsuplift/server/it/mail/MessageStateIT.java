package org.tlsuplift.server.it.mail;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlsuplift.server.it.lab.Account;
import org.tlsuplift.server.it.lab.Daemon;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Metrics;
import org.tlsuplift.server.it.lab.TestCa;
import org.tlsuplift.server.it.peer.Letter;
import org.tlsuplift.server.it.peer.Mail;
import org.tlsuplift.server.it.peer.OriginVersions;
import org.tlsuplift.server.it.peer.PostOffice;
import org.tlsuplift.server.it.peer.PostfixPort;
import org.tlsuplift.server.it.peer.TlsForm;

/** A device that types commands which Postfix refuses, or headers that servers read differently. */
class MessageStateIT {
  @RegisterExtension static final Lab lab = new Lab();

  private static final String NEW = "scanner@corp.example";

  private static PostOffice office;
  private static Daemon daemon;

  @BeforeAll
  static void start() {
    TestCa ca = new TestCa(lab);
    PostfixPort open = PostfixPort.open().takingBareLines();
    office = PostOffice.start(lab, ca.issue("localhost"), OriginVersions.MODERN, open);
    daemon =
        Daemon.start(
            lab,
            MailListener.yaml(
                    ca,
                    listener(
                        open,
                        "rules",
                        "allowedSenders: [\"@corp.example\"], allowedRecipients:"
                            + " [\"@corp.example\"], maximumRecipients: 2, maximumSize: 1KB"),
                    listener(open, "rewrite", "rewriteFrom: {address: " + NEW + "}"))
                + "inventory: {flushInterval: 200ms}\nmessages: {recipients: full}\n");
  }

  private static MailListener listener(PostfixPort origin, String name, String rules) {
    return new MailListener(
        name,
        Mail.SMTP,
        "optional",
        TlsForm.STARTTLS,
        origin.byName(),
        ", allowPlaintext: true, mail: {" + rules + "}");
  }

  private static MailDialogue open(String listener) throws IOException {
    MailDialogue device = MailDialogue.open(daemon, listener, Mail.SMTP);
    device.ask("EHLO device.corp.example");
    return device;
  }

  /** Connects, and is told by Postfix itself that it understands BDAT. */
  private static MailDialogue openForChunks() throws IOException {
    MailDialogue device = open("rules");
    assertThat(device.ask("MAIL FROM:<device@corp.example>")).startsWith("250 ");
    assertThat(device.ask("RSET")).startsWith("250 ");
    assertThat(device.ask("EHLO device.corp.example")).contains("250 CHUNKING\r\n");
    return device;
  }

  private static String mail(Account account) {
    return "MAIL FROM:<" + account.address() + ">";
  }

  private static String rcpt(Account account) {
    return "RCPT TO:<" + account.address() + ">";
  }

  @ParameterizedTest
  @ValueSource(strings = {"RSET x", "EHLO"})
  void refusedResetLiftsNoLimit(String reset) throws Exception {
    Account account = office.newAccount();
    try (MailDialogue device = openForChunks()) {
      assertThat(device.ask(mail(account))).startsWith("250 ");
      assertThat(device.ask(rcpt(account))).startsWith("250 ");
      assertThat(device.ask(rcpt(account))).startsWith("250 ");
      assertThat(device.ask(reset)).startsWith("501 ");
      assertThat(device.ask(rcpt(account))).startsWith("452 4.5.3 ");
      assertThat(device.ask("BDAT 600\r\n" + "x".repeat(598))).startsWith("250 ");
      assertThat(device.ask(reset)).startsWith("501 ");
      assertThat(device.ask("BDAT 600 LAST\r\n" + "x".repeat(598))).startsWith("552 5.3.4 ");
      assertThat(device.ask("BDAT 6 LAST\r\nRSET")).startsWith("503 5.5.1 ");
      assertThat(device.ask("QUIT")).startsWith("221 ");
    }
    assertThat(office.hasMail(account)).isFalse();
    JsonNode message = awaitRecord(account, "refused");
    assertThat(message.path("refusal").asText()).isEqualTo("too_large");
  }

  @ParameterizedTest
  @ValueSource(strings = {"RSET x", "EHLO"})
  void messageAfterARefusedResetHasItsRecord(String reset) throws Exception {
    Account account = office.newAccount();
    try (MailDialogue device = openForChunks()) {
      assertThat(device.ask(mail(account))).startsWith("250 ");
      assertThat(device.ask(rcpt(account))).startsWith("250 ");
      assertThat(device.ask(reset)).startsWith("501 ");
      assertThat(device.ask("BDAT 20 LAST\r\nSubject: chunk\r\n\r\n")).startsWith("250 2.0.0 ");
    }
    assertThat(Letter.read(office.awaitMail(account))).contains("Subject: chunk");
    JsonNode message = awaitRecord(account, "accepted");
    assertThat(message.path("recipients").toString()).contains(account.address());
    assertThat(message.path("size").asLong()).isEqualTo(20);
    assertThat(message.path("reply").asText()).contains("queued as");
  }

  private static JsonNode awaitRecord(Account sender, String outcome) {
    return await()
        .atMost(Duration.ofSeconds(20))
        .until(
            () ->
                new ObjectMapper()
                    .readTree(
                        Metrics.get(
                            daemon.admin(),
                            "/api/messages?limit=1&outcome="
                                + outcome
                                + "&sender="
                                + sender.address()))
                    .path(0),
            record -> !record.isMissingNode());
  }

  @Test
  void chunkWithoutAMessageDoesNotReachTheOrigin() throws Exception {
    Account account = office.newAccount();
    try (MailDialogue device = openForChunks()) {
      String hidden = mail(account);
      String refused = device.ask("BDAT " + (hidden.length() + 2) + " LAST\r\n" + hidden);
      assertThat(refused).isEqualTo("503 5.5.1 No message has begun; send MAIL first\r\n");
      assertThat(device.ask(rcpt(account))).isEqualTo(refused);
      assertThat(device.ask("DATA")).isEqualTo(refused);
      assertThat(device.ask("NOOP")).startsWith("250 ");
    }
    assertThat(office.log()).doesNotContain("from=<" + account.address() + ">");
  }

  /** The second message begins before the origin has replied to the reset of the first. */
  @Test
  void pipelinedCommandsKeepTheirOrder() throws Exception {
    Account first = office.newAccount();
    Account second = office.newAccount();
    try (MailDialogue device = open("rules")) {
      String commands = mail(first) + "\r\n" + rcpt(first) + "\r\nRSET\r\n";
      commands += mail(first) + "\r\n" + rcpt(second) + "\r\nDATA\r\n";
      device.send(commands + "Subject: pipelined\r\n\r\n.\r\nQUIT\r\n");
      assertThat(device.rest())
          .matches("(?s)(250 [^\r\n]*\r\n){5}354 [^\r\n]*\r\n250 2\\.0\\.0 [^\r\n]*\r\n221 .*");
    }
    assertThat(Letter.read(office.awaitMail(second))).contains("Subject: pipelined");
    assertThat(office.hasMail(first)).isFalse();
  }

  @Test
  void addressesWithASecondMeaningDoNotPass() throws Exception {
    Account account = office.newAccount();
    try (MailDialogue device = open("rules")) {
      assertThat(device.ask(mail(account) + " <ceo@fabrikam.example>")).startsWith("501 5.5.4 ");
      assertThat(device.ask("MAIL FROM:<ceo%fabrikam.example@corp.example>"))
          .startsWith("550 5.7.60 ");
      assertThat(device.ask("MAIL FROM:<fabrikam.example!ceo@corp.example>"))
          .startsWith("550 5.7.60 ");
      assertThat(device.ask(mail(account) + " SIZE=100 BODY=8BITMIME AUTH=<>")).startsWith("250 ");
      assertThat(device.ask("RCPT TO:<ceo%fabrikam.example@corp.example>"))
          .startsWith("550 5.7.1 ");
      assertThat(device.ask(rcpt(account) + " NOTIFY=NEVER")).startsWith("250 ");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "no colon\r\n",
        "two words: x\r\n",
        "Na\0me: x\r\n",
        "N\u00c3\u00a4me: x\r\n",
        "Name\u000b: x\r\n",
        "\r\r\n",
        "\r x\r\n",
        "\n"
      })
  void malformedHeaderLineHidesNoSender(String line) throws Exception {
    String mail = rewritten("Subject: hidden\r\n" + line + "From: <ceo@corp.example>\r\n");
    String header = mail.substring(0, mail.indexOf("\n\n"));
    assertThat(header).contains("From: " + NEW).doesNotContain("ceo@");
    assertThat(mail.substring(header.length())).contains("From: <ceo@corp.example>");
  }

  /** For Postfix a bare CR does not end a line. */
  @ParameterizedTest
  @ValueSource(strings = {"\r", "\n"})
  void fieldAfterABareLineEndIsNotPartOfTheSender(String lineEnd) throws Exception {
    String mail = rewritten("From: a@b.example" + lineEnd + "X: <ceo@corp.example>\r\n");
    assertThat(mail).contains("\nFrom: " + NEW + "\nX: <ceo@corp.example>\n");
  }

  /** Postfix would end the field at the NUL, and add its own domain. */
  @Test
  void nameWithANulIsNotKept() throws Exception {
    assertThat(rewritten("From: ceo\0 <a@b.example>\r\n")).contains("\nFrom: " + NEW + "\n");
  }

  /** The mail that arrives of one with this header. */
  private static String rewritten(String header) throws IOException {
    Account account = office.newAccount();
    try (MailDialogue device = open("rewrite")) {
      device.ask(mail(account));
      device.ask(rcpt(account));
      assertThat(device.ask("DATA")).startsWith("354 ");
      assertThat(device.ask(header + "\r\ntext\r\n.")).startsWith("250 2.0.0 ");
    }
    return Letter.read(office.awaitMail(account));
  }

  @Test
  void deviceGets421ForTheMessageAfterALargeHeader() throws Exception {
    Account account = office.newAccount();
    try (MailDialogue device = open("rewrite")) {
      device.ask(mail(account));
      device.ask(rcpt(account));
      device.ask("DATA");
      assertThat(device.ask(("X-Long: " + "x".repeat(90) + "\r\n").repeat(700) + "\r\ntext\r\n."))
          .startsWith("552 5.3.4 The header of the message is larger than 65536 bytes");
      assertThat(device.ask(mail(account))).startsWith("421 4.3.0 ");
      assertThat(device.rest()).isEmpty();
    }
    assertThat(office.hasMail(account)).isFalse();
  }
}
