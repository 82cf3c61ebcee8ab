package org.tlsuplift.server.it.signin;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
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
import org.tlsuplift.server.it.mail.MsmtpDevice;
import org.tlsuplift.server.it.mail.SwaksDevice;
import org.tlsuplift.server.it.peer.Letter;
import org.tlsuplift.server.it.peer.Mail;
import org.tlsuplift.server.it.peer.PostOffice;
import org.tlsuplift.server.it.peer.Postfix;
import org.tlsuplift.server.it.peer.TlsForm;

/**
 * Devices of TLS 1.0 that know passwords only, against mailboxes that know tokens only.
 *
 * <p>No origin knows a password, none knows the logins of devices, and the mailbox of each device
 * is called otherwise than its login.
 */
class SignInIT {
  @RegisterExtension static final Lab lab = new Lab();

  private static final int ACCOUNTS = 100;
  private static final AtomicInteger numbers = new AtomicInteger();

  private static CloudTenant tenant;
  private static CloudTenant proving;
  private static PostOffice office;
  private static Daemon daemon;

  @BeforeAll
  static void start() {
    tenant = CloudTenant.start(lab);
    office = tenant.office().mails();
    LocalLogins logins = LocalLogins.create();
    List<String> accounts = logins.accounts(ACCOUNTS, ", tenant: by-secret");
    accounts.add(
        logins.line(
            "copier",
            Postfix.address(150),
            ", tenant: by-secret, allowedSenders: [\"" + Postfix.address(150) + "\"]"));
    accounts.add(
        "{devices: [127.0.0.2/32], mailbox: \"" + Postfix.address(151) + "\", tenant: by-secret}");
    proving = tenant.withAnotherApplication();
    accounts.add(logins.line(ACCOUNTS, ", tenant: by-certificate"));
    List<MailListener> listeners = new ArrayList<>();
    for (Mail mail : Mail.values()) {
      for (TlsForm form : TlsForm.values()) {
        // Microsoft has no implicit TLS for SMTP.
        TlsForm upstream = mail == Mail.SMTP ? TlsForm.STARTTLS : form;
        listeners.add(MailListener.signingIn(form, office.origin(mail, upstream)));
      }
    }
    daemon =
        Daemon.start(
            lab,
            tenant.yaml(
                List.of(
                    tenant.named("by-secret", tenant.bySecret()),
                    proving.named("by-certificate", proving.byCertificate())),
                accounts,
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
      office.put(LocalLogins.mailbox(number), letter);
    }

    Visit visit = device.visit(way(mail, form), account, letter);

    assertThat(visit.version()).isEqualTo("TLSv1");
    String received = mail == Mail.SMTP ? Letter.read(office.awaitMail(account)) : visit.received();
    assertThat(letter.isWholeIn(received)).as("%s in%n%s", letter, received).isTrue();
    if (mail == Mail.SMTP) {
      assertThat(received).contains("(Authenticated sender: " + mailbox(number) + ")");
      assertThat(received).contains("(using TLSv1.3 with cipher ");
    } else {
      assertThat(office.awaitVersion(mail, LocalLogins.mailbox(number))).isEqualTo("TLSv1.3");
    }
  }

  @Test
  void offersOnlyTheMechanismsItAccepts() {
    Account account = LocalLogins.account(numbers.getAndIncrement());
    CurlMailDevice curl = new CurlMailDevice(lab, "1.0");

    String smtp = output(curl, Mail.SMTP, account);
    String imap = output(curl, Mail.IMAP, account);
    String pop3 = output(curl, Mail.POP3, account);

    assertThat(smtp).containsPattern("< 250[ -]AUTH PLAIN LOGIN\\s");
    assertThat(imap).containsPattern("< \\* CAPABILITY .*AUTH=PLAIN");
    assertThat(pop3).containsPattern("< SASL PLAIN");
    assertThat(smtp + imap + pop3).doesNotContain("XOAUTH2");
  }

  private static String output(CurlMailDevice curl, Mail mail, Account account) {
    return curl.attempt(way(mail, TlsForm.IMPLICIT), account, Letter.small(account)).output();
  }

  @ParameterizedTest
  @EnumSource(Mail.class)
  void refusesWrongPasswordsWithoutTheOrigin(Mail mail) {
    Account account = LocalLogins.account(numbers.getAndIncrement());
    Account wrong = new Account(account.address(), "guessed");
    Metrics before = daemon.metrics();
    String listener = mail.label() + "-starttls";

    Run run =
        new CurlMailDevice(lab, "1.0")
            .attempt(way(mail, TlsForm.STARTTLS), wrong, Letter.small(account));

    // Login denied.
    assertThat(run.exit()).as(run.toString()).isEqualTo(67);
    Metrics now = daemon.awaitIncrease(before, 1, "tlsuplift_sessions_total", "listener", listener);
    assertThat(now.sum("tlsuplift_upstream_handshakes_total"))
        .isEqualTo(before.sum("tlsuplift_upstream_handshakes_total"));
    assertThat(office.log()).doesNotContain(mailbox(numbers.get() - 1));
  }

  @Test
  void refusesDevicesThatDoNotSignIn() {
    Account account = LocalLogins.account(numbers.getAndIncrement());

    Run run =
        new SwaksDevice(lab, "TLSv1")
            .attempt(way(Mail.SMTP, TlsForm.STARTTLS), account, Letter.small(account));

    assertThat(run.exit()).as(run.toString()).isNotZero();
    assertThat(run.output()).contains("<~* 530 5.7.0 Authentication required");
  }

  @Test
  void signsDevicesInByTheirAddress() {
    Account account = LocalLogins.account(numbers.getAndIncrement());
    Letter letter = Letter.small(account);

    new SwaksDevice(lab, "TLSv1", "--local-interface", "127.0.0.2")
        .visit(way(Mail.SMTP, TlsForm.STARTTLS), account, letter);

    String received = Letter.read(office.awaitMail(account));
    assertThat(letter.isWholeIn(received)).as(received).isTrue();
    assertThat(received).contains("(Authenticated sender: " + Postfix.address(151) + ")");
  }

  @Test
  void refusesSendersThatAnAccountDoesNotHave() {
    Account account = LocalLogins.account(numbers.getAndIncrement());
    Account copier = new Account("copier", LocalLogins.PASSWORD);
    Letter letter = Letter.small(account);
    Way way = way(Mail.SMTP, TlsForm.STARTTLS);
    SwaksDevice swaks = new SwaksDevice(lab, "TLSv1", "--auth", "LOGIN");

    Run refused =
        swaks
            .with("--from", account.address(), "--to", account.address())
            .attempt(way, copier, letter);
    Run taken =
        swaks
            .with("--from", Postfix.address(150), "--to", account.address())
            .attempt(way, copier, letter);

    assertThat(refused.exit()).as(refused.toString()).isNotZero();
    assertThat(refused.output()).contains("<~* 550 5.7.60 ");
    taken.succeeded();
    office.awaitMail(account);
  }

  @Test
  void passesScansByteForByte() {
    Account account = LocalLogins.account(numbers.getAndIncrement());
    Letter letter = Letter.scan(account, 5_000_000);

    new CurlMailDevice(lab, "1.0").visit(way(Mail.SMTP, TlsForm.STARTTLS), account, letter);

    assertThat(letter.ends(Letter.read(office.awaitMail(account)), "\n")).isTrue();
  }

  @Test
  void requestsTokensWithACertificate() {
    Account account = LocalLogins.account(ACCOUNTS);

    new MsmtpDevice(lab, "TLS1.0")
        .visit(way(Mail.SMTP, TlsForm.IMPLICIT), account, Letter.small(account));

    assertThat(office.awaitMail(account)).content().contains("Authenticated sender");
    assertThat(proving.tokenRequests())
        .singleElement()
        .satisfies(
            request -> {
              assertThat(request.get("client_assertion")).isNotEmpty();
              assertThat(request.get("client_secret")).isEmpty();
            });
  }

  private static Way way(Mail mail, TlsForm form) {
    return Way.fixed(daemon, mail.label() + "-" + form.label(), mail, form);
  }

  private static String mailbox(int number) {
    return LocalLogins.mailbox(number).address();
  }
}
