package org.tlsuplift.server.it.mail;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tlsuplift.proxy.outcome.OriginReply;
import org.tlsuplift.server.database.DatabasePlace;
import org.tlsuplift.server.inventory.FactCount;
import org.tlsuplift.server.inventory.FactKind;
import org.tlsuplift.server.inventory.VerdictRules;
import org.tlsuplift.server.inventory.jdbc.ReadOnlyInventory;
import org.tlsuplift.server.it.lab.Account;
import org.tlsuplift.server.it.lab.Daemon;
import org.tlsuplift.server.it.lab.Identity;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Metrics;
import org.tlsuplift.server.it.lab.Run;
import org.tlsuplift.server.it.lab.TestCa;
import org.tlsuplift.server.it.mail.MailDevice.Way;
import org.tlsuplift.server.it.peer.JsseOrigin;
import org.tlsuplift.server.it.peer.Letter;
import org.tlsuplift.server.it.peer.Mail;
import org.tlsuplift.server.it.peer.OriginVersions;
import org.tlsuplift.server.it.peer.PostOffice;
import org.tlsuplift.server.it.peer.TlsForm;

/** What Microsoft answers is counted and explained; what only looks like it is not. */
class MailRepliesIT {
  @RegisterExtension static final Lab lab = new Lab();

  private static final String COUNTER = "tlsuplift_origin_replies_total";

  private static Daemon daemon;
  private static PostOffice office;

  /**
   * A refusal as Microsoft words it.
   *
   * @param label how it is counted
   * @param command what it is the answer to; empty for the greeting
   * @param line the answer
   * @param remedy a word of the remedy
   */
  private record Refusal(String label, String command, String line, String remedy) {
    String listener() {
      return "reply-" + label.replaceAll("[ .]", "-");
    }

    OriginScript script() {
      if (command.isEmpty()) {
        return new OriginScript(line + "\r\n");
      }
      return new OriginScript(
          "220 AM0PR0.outlook.office365.example Microsoft ESMTP MAIL Service ready\r\n",
          command,
          line + "\r\n",
          "HELO",
          line + "\r\n",
          "EHLO",
          "250-localhost\r\n250-SIZE 157286400\r\n250 AUTH LOGIN PLAIN\r\n",
          "AUTH",
          "235 2.7.0 Authentication successful\r\n",
          "MAIL",
          "250 2.1.0 Sender OK\r\n",
          "RCPT",
          "250 2.1.5 Recipient OK\r\n",
          "DATA",
          "354 Start mail input\r\n",
          ".",
          "250 2.0.0 OK\r\n",
          "QUIT",
          "221 2.0.0 bye\r\n");
    }

    @Override
    public String toString() {
      return label;
    }
  }

  private static Stream<Refusal> refusals() {
    return Stream.of(
        new Refusal(
            "421 4.7.66",
            "EHLO",
            "421 4.7.66 TLS 1.0 and 1.1 are not supported. Please upgrade/update your client",
            "proxy or firewall"),
        new Refusal(
            "535 5.7.139",
            "AUTH",
            "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the"
                + " Tenant. Visit https://aka.ms/smtp_auth_disabled for more information.",
            "Set-CASMailbox"),
        new Refusal("535 5.7.3", "AUTH", "535 5.7.3 Authentication unsuccessful", "with MFA"),
        new Refusal(
            "550 5.7.30",
            "AUTH",
            "550 5.7.30 Basic authentication is not supported for Client Submission.",
            "connector"),
        new Refusal("501 5.5.124", "AUTH", "501 5.5.124 Invalid XOAUTH2 data", "XOAUTH2"),
        new Refusal(
            "432 4.3.2",
            "AUTH",
            "432 4.3.2 STOREDRV.ClientSubmit; sender thread limit exceeded",
            "use more mailboxes"),
        new Refusal("430 4.2.0", "AUTH", "430 4.2.0 STOREDRV; mailbox logon failure", "mailbox"),
        new Refusal(
            "530 5.7.57",
            "MAIL",
            "530 5.7.57 Client not authenticated to send mail.",
            "user name and password"));
  }

  @BeforeAll
  static void start() {
    TestCa ca = new TestCa(lab);
    Identity identity = ca.issue("localhost");
    office = PostOffice.start(lab, identity, OriginVersions.MODERN);
    List<MailListener> listeners = new ArrayList<>();
    refusals()
        .forEach(
            refusal -> {
              JsseOrigin origin = JsseOrigin.start(lab, identity, refusal.script()::hold);
              listeners.add(
                  MailListener.plaintext(
                      refusal.listener(), Mail.SMTP, TlsForm.IMPLICIT, origin.byName()));
            });
    for (Mail mail : Mail.values()) {
      listeners.add(MailListener.to(office.origin(mail, TlsForm.STARTTLS), "optional", ""));
    }
    daemon =
        Daemon.start(
            lab,
            MailListener.yaml(ca, listeners.toArray(MailListener[]::new))
                + "inventory: {flushInterval: 200ms}\n");
  }

  @ParameterizedTest
  @MethodSource("refusals")
  void countsAndExplainsARefusal(Refusal refusal) {
    for (TlsForm form : TlsForm.values()) {
      Account account = office.newAccount();
      Metrics before = daemon.metrics();
      int mark = daemon.mark();
      Run run =
          new SwaksDevice(lab, "TLSv1", "--auth", "PLAIN")
              .attempt(
                  Way.fixed(daemon, refusal.listener(), Mail.SMTP, form),
                  account,
                  Letter.small(account));
      assertThat(run.exit()).as(run.toString()).isNotZero();
      assertThat(run.output()).as("the device sees it too").contains(refusal.line());
      daemon.awaitIncrease(before, 1, COUNTER, "listener", refusal.listener(), "protocol", "smtp");
      daemon.awaitIncrease(before, 1, COUNTER, "reply", refusal.label());
      // The line comes through a pipe, behind the counter.
      daemon.awaitOutput(mark, refusal.remedy());
      assertThat(daemon.output().substring(mark))
          .containsOnlyOnce(refusal.remedy())
          .doesNotContain(account.address());
    }
  }

  @Test
  void countsAWrongPasswordOfARealServerAtMostByItsCode() {
    for (Mail mail : Mail.values()) {
      Account known = office.newAccount();
      Account wrong = new Account(known.address(), "wrong");
      Run run =
          new CurlMailDevice(lab, "1.0")
              .attempt(
                  Way.fixed(daemon, mail.label() + "-optional-starttls", mail, TlsForm.IMPLICIT),
                  wrong,
                  Letter.small(known));
      // 67: the login was denied.
      assertThat(run.exit()).as(run.toString()).isEqualTo(67);
    }
  }

  @Test
  void refusedSignInIsAProblemUntilTheSameOriginAcceptsOne() throws Exception {
    Account account = office.newAccount();
    Account wrong = new Account(account.address(), "wrong");
    Letter letter = Letter.small(account);
    office.put(account, letter);
    Map<Mail, Way> ways = new EnumMap<>(Mail.class);
    for (Mail mail : List.of(Mail.IMAP, Mail.POP3)) {
      String listener = mail.label() + "-optional-starttls";
      ways.put(mail, Way.fixed(daemon, listener, mail, TlsForm.STARTTLS));
    }
    CurlMailDevice device = new CurlMailDevice(lab, "1.0");
    DatabasePlace place =
        new DatabasePlace.Embedded(Daemon.data(daemon.folder()).resolve("inventory.db"));
    try (ReadOnlyInventory inventory =
        ReadOnlyInventory.open(place, VerdictRules.defaults(), Map.of())) {
      String imap = office.origin(Mail.IMAP, TlsForm.STARTTLS).byName();
      String pop3 = office.origin(Mail.POP3, TlsForm.STARTTLS).byName();
      ways.values().forEach(way -> device.attempt(way, wrong, letter));
      awaitRefusing(inventory, imap, pop3);
      device.visit(ways.get(Mail.IMAP), account, letter);
      awaitRefusing(inventory, pop3);
      device.visit(ways.get(Mail.POP3), account, letter);
      awaitRefusing(inventory);
    }
  }

  private static void awaitRefusing(ReadOnlyInventory inventory, String... origins) {
    await()
        .atMost(Duration.ofSeconds(40))
        .untilAsserted(
            () ->
                assertThat(
                        inventory
                            .inventory()
                            .origins(
                                FactKind.REPLY, OriginReply.LOGIN_FAILED.label(), Instant.EPOCH))
                    .extracting(FactCount::value)
                    .containsExactlyInAnyOrder(origins));
  }

  @Test
  void countsNoLineOfAMail() {
    for (Mail mail : List.of(Mail.IMAP, Mail.POP3)) {
      Account account = office.newAccount();
      Letter plain = Letter.small(account);
      Letter letter =
          new Letter(
              plain.content() + "535 5.7.139 Authentication unsuccessful\n535 5.7.3 again\n",
              plain.marker());
      office.put(account, letter);
      Metrics before = daemon.metrics();
      String listener = mail.label() + "-optional-starttls";
      Way way = Way.fixed(daemon, listener, mail, TlsForm.STARTTLS);
      String received = new CurlMailDevice(lab, "1.0").visit(way, account, letter).received();
      assertThat(letter.isWholeIn(received)).isTrue();
      daemon.awaitIncrease(before, 1, "tlsuplift_sessions_total", "listener", listener);
      daemon.awaitIncrease(before, 0, COUNTER);
    }
  }
}
