package org.tlsuplift.server.it.signin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlsuplift.server.it.lab.Account;
import org.tlsuplift.server.it.lab.Daemon;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Run;
import org.tlsuplift.server.it.mail.MailListener;
import org.tlsuplift.server.it.mail.Smuggler;
import org.tlsuplift.server.it.mail.Smuggler.Mails;
import org.tlsuplift.server.it.peer.Letter;
import org.tlsuplift.server.it.peer.Mail;
import org.tlsuplift.server.it.peer.PostOffice;
import org.tlsuplift.server.it.peer.PostfixPort;
import org.tlsuplift.server.it.peer.TlsForm;

/**
 * Mails that are hidden in the data of another (the class of CVE-2023-51764), at a real Postfix
 * that falls for it: from a device of TLS 1.0 that has signed in, it never gets two.
 */
class SmugglingIT {
  @RegisterExtension static final Lab lab = new Lab();

  private static final int ACCOUNTS = 100;
  private static final AtomicInteger numbers = new AtomicInteger();

  private static CloudTenant tenant;
  private static PostOffice office;
  private static PostfixPort lenient;
  private static Daemon daemon;

  @BeforeAll
  static void start() {
    tenant = CloudTenant.start(lab);
    lenient = PostfixPort.lenient();
    office = tenant.office(lenient).mails();
    daemon =
        Daemon.start(
            lab,
            tenant.yaml(
                tenant.bySecret(),
                LocalLogins.create().accounts(ACCOUNTS),
                new MailListener(
                    "smtp",
                    Mail.SMTP,
                    "starttls",
                    TlsForm.STARTTLS,
                    lenient.byName(),
                    ", signIn: true")));
  }

  /** The control. */
  @ParameterizedTest
  @ValueSource(strings = {"\\n.\\n", "\\n.\\r\\n", "\\r\\n.\\n"})
  void originAcceptsTwoMailsWithoutAProxy(String end) {
    Account account = LocalLogins.mailbox(numbers.getAndIncrement());
    Account open = office.newAccount();
    Account hidden = office.newAccount();
    Account signedIn = new Account(account.address(), tenant.platform().issue(tenant.app()));

    Run run =
        Smuggler.startTls(lenient.address(), tenant.ca().file(), "TLSv1_2", "XOAUTH2")
            .send(new Mails(signedIn, open, hidden, end, "whole"));

    assertThat(run.output()).containsPattern("(?s)< 250 .*queued.*< 250 .*queued");
    office.awaitMail(open);
    office.awaitMail(hidden);
  }

  private static Stream<Arguments> doubtful() {
    List<String> known = List.of("\\n.\\n", "\\r.\\r", "\\n.\\r\\n", "\\r\\n.\\n");
    List<String> others =
        List.of(
            "\\n.\\r",
            "\\r.\\r\\n",
            "\\r.\\n",
            "\\r\\n.\\r",
            "\\r\\n.\\r\\r\\n",
            "\\r\\n\\0.\\r\\n",
            "\\r\\n.\\0\\r\\n");
    return Stream.concat(
        known.stream().map(end -> Arguments.of(end, "whole")),
        Stream.concat(known.stream(), others.stream()).map(end -> Arguments.of(end, "bytes")));
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("doubtful")
  void refusesAnAmbiguousEnd(String end, String pieces) {
    int number = numbers.getAndIncrement();
    Account open = office.newAccount();
    Account hidden = office.newAccount();
    int mark = daemon.mark();

    Run run = send(number, open, hidden, end, pieces);

    assertThat(run.output()).contains("< 554 5.6.0 ").contains("end lines with CRLF");
    assertThat(run.output()).doesNotContain("< 250 ", "< 354 ");
    daemon.awaitSessionLine(mark, "listener", "smtp", "reason", "device_protocol_error");
    assertThat(awaitCounts(number)).contains(" mail=1 rcpt=1 data=0/1 ");
    assertThat(office.hasMail(open)).isFalse();
    assertThat(office.hasMail(hidden)).isFalse();
  }

  @Test
  void passesUnambiguousDotsAsOneMail() {
    for (String end : List.of("\\r\\n..\\r\\n", "\\r\\n.x\\r\\n", "\\n..\\n", "\\r\\n. \\r\\n")) {
      int number = numbers.getAndIncrement();
      Account open = office.newAccount();
      Account hidden = office.newAccount();

      Run run = send(number, open, hidden, end, "bytes");

      assertThat(run.output()).containsOnlyOnce("< 250 ").contains("< 221 ");
      assertThat(Letter.read(office.awaitMail(open)))
          .contains("open", "RCPT TO:<" + hidden.address() + ">", "Subject: hidden");
      assertThat(awaitCounts(number)).contains(" mail=1 rcpt=1 data=1 ");
      assertThat(office.hasMail(hidden)).isFalse();
    }
  }

  @Test
  void passesTwoRealMails() {
    Account open = office.newAccount();
    Account hidden = office.newAccount();

    Run run = send(numbers.getAndIncrement(), open, hidden, "\\r\\n.\\r\\n", "bytes");

    assertThat(run.output()).containsPattern("(?s)< 250 .*< 354 .*< 250 .*< 221 ");
    office.awaitMail(open);
    office.awaitMail(hidden);
  }

  private static Run send(int number, Account open, Account hidden, String end, String pieces) {
    return Smuggler.startTls(daemon.listener("smtp"), daemon.authority(), "TLSv1", "PLAIN")
        .send(new Mails(LocalLogins.account(number), open, hidden, end, pieces));
  }

  /** What the origin counted in the session of a mailbox. */
  private static String awaitCounts(int number) {
    String mailbox = LocalLogins.mailbox(number).address();
    return await("the end of the session of " + mailbox)
        .atMost(Duration.ofSeconds(20))
        .until(() -> UpstreamSessions.counts(office.log(), mailbox), Optional::isPresent)
        .orElseThrow();
  }
}
