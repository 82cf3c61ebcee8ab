package org.tlsuplift.server.it.signin;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.tlsuplift.proxy.testing.MailTalk;
import org.tlsuplift.server.it.lab.Account;
import org.tlsuplift.server.it.lab.Daemon;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Metrics;
import org.tlsuplift.server.it.lab.Run;
import org.tlsuplift.server.it.mail.CurlMailDevice;
import org.tlsuplift.server.it.mail.MailDevice;
import org.tlsuplift.server.it.mail.MailDevice.Visit;
import org.tlsuplift.server.it.mail.MailDevice.Way;
import org.tlsuplift.server.it.mail.MailDevices;
import org.tlsuplift.server.it.mail.MailListener;
import org.tlsuplift.server.it.mail.SwaksDevice;
import org.tlsuplift.server.it.peer.Letter;
import org.tlsuplift.server.it.peer.Mail;
import org.tlsuplift.server.it.peer.TlsForm;

/**
 * Devices of TLS 1.0 that know passwords only, against Exchange Online in its own words: it offers
 * no PLAIN, disables LOGIN in IMAP, and refuses XOAUTH2 in one line of POP3.
 */
class MicrosoftIT {
  @RegisterExtension static final Lab lab = new Lab();

  private static final String REPLIES = "tlsuplift_origin_replies_total";
  private static final int ACCOUNTS = 100;
  private static final AtomicInteger numbers = new AtomicInteger();

  private static CloudTenant tenant;
  private static ExchangeOnline exchange;
  private static Daemon daemon;

  @BeforeAll
  static void start() {
    tenant = CloudTenant.start(lab);
    exchange = ExchangeOnline.start(lab, tenant);
    List<MailListener> listeners = new ArrayList<>();
    for (Mail mail : Mail.values()) {
      for (TlsForm form : TlsForm.values()) {
        listeners.add(MailListener.signingIn(form, exchange.origin(mail)));
      }
      listeners.add(
          new MailListener(
              mail.label() + "-password",
              mail,
              "implicit",
              exchange.origin(mail).form(),
              exchange.origin(mail).byName(),
              ""));
    }
    daemon =
        Daemon.start(
            lab,
            tenant.yaml(
                tenant.bySecret(),
                LocalLogins.create().accounts(ACCOUNTS),
                listeners.toArray(MailListener[]::new)));
  }

  private static Stream<Arguments> everyWay() {
    return MailDevices.tls10(lab).stream()
        .flatMap(
            device ->
                device.speaks().stream()
                    .flatMap(
                        mail ->
                            Stream.of(TlsForm.values())
                                .map(form -> Arguments.of(device, mail, form))));
  }

  @ParameterizedTest(name = "{0} by {1} {2}")
  @MethodSource("everyWay")
  void signsDevicesIn(MailDevice device, Mail mail, TlsForm form) {
    int number = numbers.getAndIncrement();
    Account account = LocalLogins.account(number);
    Letter letter = Letter.small(account);
    if (mail != Mail.SMTP) {
      exchange.mails().put(LocalLogins.mailbox(number), letter);
    }

    Visit visit = device.visit(way(mail, form), account, letter);

    assertThat(visit.version()).isEqualTo("TLSv1");
    String received =
        mail == Mail.SMTP ? Letter.read(exchange.mails().awaitMail(account)) : visit.received();
    assertThat(letter.isWholeIn(received)).as("%s in%n%s", letter, received).isTrue();
  }

  /** The second device sees what the origin sent at the sign-in of the first. */
  @Test
  void noImapDeviceSeesThatLoginIsDisabled() {
    for (int visit = 0; visit < 2; visit++) {
      int number = numbers.getAndIncrement();
      Letter letter = Letter.small(LocalLogins.account(number));
      exchange.mails().put(LocalLogins.mailbox(number), letter);

      Run run =
          new CurlMailDevice(lab, "1.0")
              .attempt(way(Mail.IMAP, TlsForm.IMPLICIT), LocalLogins.account(number), letter)
              .succeeded();

      assertThat(run.output()).containsPattern("< \\* CAPABILITY .*AUTH=PLAIN");
      assertThat(run.output()).doesNotContain("LOGINDISABLED");
      if (visit > 0) {
        assertThat(run.output()).containsPattern("< \\* CAPABILITY .*UIDPLUS");
      }
    }
  }

  /**
   * The control: without sign-in by the proxy, passwords do not help, and each reply is counted.
   */
  @Test
  void withoutSignInEveryPasswordIsRefusedAndCounted() {
    Account account = LocalLogins.account(numbers.getAndIncrement());
    Letter letter = Letter.small(account);
    Metrics before = daemon.metrics();

    Run login = swaks("LOGIN").attempt(password(Mail.SMTP), account, letter);
    Run plain = swaks("PLAIN").attempt(password(Mail.SMTP), account, letter);
    Run imap = new CurlMailDevice(lab, "1.0").attempt(password(Mail.IMAP), account, letter);
    Run pop3 = new CurlMailDevice(lab, "1.0").attempt(password(Mail.POP3), account, letter);

    assertThat(login.output()).contains("535 5.7.139 ", "SmtpClientAuthentication is disabled");
    assertThat(plain.output()).doesNotContain("AUTH PLAIN");
    assertThat(imap.output()).contains("LOGINDISABLED").doesNotContain("> A002 LOGIN");
    assertThat(List.of(login, plain, imap, pop3)).allMatch(run -> run.exit() != 0);
    daemon.awaitIncrease(before, 1, REPLIES, "reply", "535 5.7.139");
    daemon.awaitIncrease(before, 1, REPLIES, "reply", "login failed");
  }

  /** Python's imaplib does not look at LOGINDISABLED. */
  @Test
  void anImapPasswordGetsTheRefusalOfMicrosoft() {
    MailDevice python =
        MailDevices.tls10(lab).stream()
            .filter(device -> device.toString().startsWith("python"))
            .findFirst()
            .orElseThrow();
    Account account = LocalLogins.account(numbers.getAndIncrement());
    Metrics before = daemon.metrics();
    int mark = daemon.mark();

    Run run = python.attempt(password(Mail.IMAP), account, Letter.small(account));

    assertThat(run.output()).contains("Basic authentication is disabled.");
    daemon.awaitIncrease(before, 1, REPLIES, "reply", "basic authentication disabled");
    daemon.awaitOutput(mark, "use 'signIn' (OAuth)");
  }

  @Test
  void pop3InOneLineIsRefusedAndClosed() throws IOException {
    try (MailTalk program = exchange.connect(Mail.POP3)) {
      assertThat(program.hear()).startsWith("+OK The Microsoft Exchange POP3 service is ready. [");
      assertThat(program.ask("AUTH XOAUTH2 dXNlcj0="))
          .isEqualTo("-ERR Protocol error. Connection is closed. 10");
      assertThat(program.atEnd()).isTrue();
    }
  }

  /** Other programs use the mailbox too, which the proxy cannot know. */
  @Test
  void aMailboxThatHasTooManySessionsElsewhereIsRefusedAtTheEndOfTheMessage() {
    int number = numbers.getAndIncrement();
    Account account = LocalLogins.account(number);
    Metrics before = daemon.metrics();
    AtomicInteger sessions = exchange.sessions(LocalLogins.mailbox(number).address());
    sessions.addAndGet(ExchangeOnline.MAX_SESSIONS);

    Run busy =
        swaks("LOGIN").attempt(way(Mail.SMTP, TlsForm.STARTTLS), account, Letter.small(account));
    sessions.addAndGet(-ExchangeOnline.MAX_SESSIONS);

    assertThat(busy.exit()).as(busy.toString()).isNotZero();
    assertThat(busy.output())
        .containsPattern("(?s)354 .*<~\\* 432 4\\.3\\.2 Concurrent connections limit exceeded");
    daemon.awaitIncrease(before, 1, REPLIES, "reply", "432 4.3.2");
    swaks("LOGIN").visit(way(Mail.SMTP, TlsForm.STARTTLS), account, Letter.small(account));
    exchange.mails().awaitMail(account);
  }

  @Test
  void aForbiddenSenderIsRefusedAtTheEndOfTheMessage() {
    Account account = LocalLogins.account(numbers.getAndIncrement());
    Metrics before = daemon.metrics();
    int mark = daemon.mark();

    Run refused =
        swaks("LOGIN")
            .with("--from", ExchangeOnline.BOSS, "--to", account.address())
            .attempt(way(Mail.SMTP, TlsForm.STARTTLS), account, Letter.small(account));

    assertThat(refused.exit()).as(refused.toString()).isNotZero();
    assertThat(refused.output()).contains("554 5.2.252 SendAsDenied; ");
    daemon.awaitIncrease(before, 1, REPLIES, "reply", "554 5.2.252");
    daemon.awaitOutput(mark, "grant it SendAs");
    assertThat(daemon.output().substring(mark)).doesNotContain(ExchangeOnline.BOSS);
  }

  @Test
  void aMailboxWithADisabledProtocolIsReportedWithItsRemedy() {
    int number = numbers.getAndIncrement();
    Account account = LocalLogins.account(number);
    exchange.close(LocalLogins.mailbox(number).address());
    Metrics before = daemon.metrics();
    int mark = daemon.mark();

    Run run =
        new CurlMailDevice(lab, "1.0")
            .attempt(way(Mail.IMAP, TlsForm.STARTTLS), account, Letter.small(account));

    assertThat(run.exit()).as(run.toString()).isEqualTo(67);
    daemon.awaitIncrease(before, 1, REPLIES, "reply", "authenticated but not connected");
    daemon.awaitOutput(mark, "run Add-MailboxPermission for the application, and enable IMAP");
  }

  private static SwaksDevice swaks(String method) {
    return new SwaksDevice(lab, "TLSv1", "--auth", method);
  }

  private static Way way(Mail mail, TlsForm form) {
    return Way.fixed(daemon, mail.label() + "-" + form.label(), mail, form);
  }

  private static Way password(Mail mail) {
    return Way.fixed(daemon, mail.label() + "-password", mail, TlsForm.IMPLICIT);
  }
}
