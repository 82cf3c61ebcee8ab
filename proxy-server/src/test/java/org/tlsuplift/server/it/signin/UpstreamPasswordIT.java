package org.tlsuplift.server.it.signin;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.tlsuplift.server.it.lab.Account;
import org.tlsuplift.server.it.lab.Daemon;
import org.tlsuplift.server.it.lab.Identity;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Loopback;
import org.tlsuplift.server.it.lab.Machine;
import org.tlsuplift.server.it.lab.Metrics;
import org.tlsuplift.server.it.lab.Run;
import org.tlsuplift.server.it.lab.Secrets;
import org.tlsuplift.server.it.lab.TestCa;
import org.tlsuplift.server.it.mail.CurlMailDevice;
import org.tlsuplift.server.it.mail.MailDevice;
import org.tlsuplift.server.it.mail.MailDevice.Visit;
import org.tlsuplift.server.it.mail.MailDevice.Way;
import org.tlsuplift.server.it.mail.MailDevices;
import org.tlsuplift.server.it.mail.MailListener;
import org.tlsuplift.server.it.mail.SwaksDevice;
import org.tlsuplift.server.it.peer.DovecotSubmission;
import org.tlsuplift.server.it.peer.Letter;
import org.tlsuplift.server.it.peer.Mail;
import org.tlsuplift.server.it.peer.MailOrigin;
import org.tlsuplift.server.it.peer.OriginVersions;
import org.tlsuplift.server.it.peer.PostOffice;
import org.tlsuplift.server.it.peer.PostfixSink;
import org.tlsuplift.server.it.peer.TlsForm;
import org.tlsuplift.server.it.peer.Verifier;

/**
 * Devices of TLS 1.0 with a password of the proxy, at origins of TLS 1.2 and up that know another
 * password: Postfix and Dovecot. No identity platform and no tenant takes part.
 */
class UpstreamPasswordIT {
  @RegisterExtension static final Lab lab = new Lab();

  private static final int ACCOUNTS = 40;
  private static final AtomicInteger numbers = new AtomicInteger();

  private static TestCa ca;
  private static PostOffice office;
  private static String secret;
  private static LocalLogins logins;
  private static Path password;
  private static Daemon daemon;

  @BeforeAll
  static void start() {
    ca = new TestCa(lab);
    office = PostOffice.start(lab, ca.issue("localhost"), OriginVersions.MODERN);
    secret = office.newAccount().password();
    password = Lab.privately(lab.file("upstream", secret + "\n"));
    logins = LocalLogins.create();
    List<String> accounts = new ArrayList<>();
    List<MailListener> listeners = new ArrayList<>();
    for (MailOrigin origin : office.origins()) {
      listeners.add(MailListener.signingIn(origin.form(), origin));
      for (int number = 0; number < ACCOUNTS; number++) {
        accounts.add(account(origin, number));
      }
    }
    daemon = Daemon.start(lab, yaml(accounts, listeners.toArray(MailListener[]::new)));
  }

  private static String login(MailOrigin origin, int number) {
    return "%s-%s-%d@device.example"
        .formatted(origin.mail().label(), origin.form().label(), number);
  }

  /** An account for one origin, where the mailbox is called otherwise than the login. */
  private static String account(MailOrigin origin, int number) {
    return line(login(origin, number), origin, number, password);
  }

  private static String line(String login, MailOrigin origin, int number, Path passwordFile) {
    String mailbox = LocalLogins.mailbox(number).address();
    return logins.line(
        login,
        mailbox,
        ", upstream: {origin: \"%s\", user: \"%s\", passwordFile: \"%s\"}"
            .formatted(origin.byName(), mailbox, passwordFile));
  }

  private static String yaml(List<String> accounts, MailListener... listeners) {
    return MailListener.yaml(ca, listeners)
        + "signIn:\n  accounts:\n    - "
        + String.join("\n    - ", accounts)
        + "\n";
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
  void signsDevicesInWithAnotherPassword(MailDevice device, Mail mail, TlsForm form) {
    int number = numbers.getAndIncrement() % ACCOUNTS;
    Account mailbox = LocalLogins.mailbox(number);
    Letter letter = Letter.small(mailbox);
    if (mail != Mail.SMTP) {
      office.put(mailbox, letter);
    }

    Visit visit =
        device.visit(
            way(mail, form),
            new Account(login(office.origin(mail, form), number), LocalLogins.PASSWORD),
            letter);

    assertThat(visit.version()).isEqualTo("TLSv1");
    if (mail == Mail.SMTP) {
      assertThat(office.log()).contains("sasl_method=PLAIN, sasl_username=" + mailbox.address());
    } else {
      assertThat(letter.isWholeIn(visit.received()))
          .as("%s in%n%s", letter, visit.received())
          .isTrue();
    }
  }

  @Test
  void usesLoginAtDovecotWithoutPlain() {
    Identity identity = ca.issue("localhost");
    InetSocketAddress next = new InetSocketAddress(Loopback.V4, Loopback.freePort(Loopback.V4));
    PostfixSink.start(lab, Machine.HERE, Map.of(next, identity));
    DovecotSubmission dovecot =
        DovecotSubmission.start(lab, identity, Verifier.passwordsByLogin(), next);
    List<String> accounts = new ArrayList<>();
    List<MailListener> listeners = new ArrayList<>();
    for (TlsForm form : TlsForm.values()) {
      listeners.add(MailListener.signingIn(form, dovecot.origin(form)));
      accounts.add(line(loginAtDovecot(form), dovecot.origin(form), number(form), password));
    }
    Daemon other = Daemon.start(lab, yaml(accounts, listeners.toArray(MailListener[]::new)));
    for (TlsForm form : TlsForm.values()) {
      Account mailbox = LocalLogins.mailbox(number(form));
      new SwaksDevice(lab, "TLSv1", "--auth", "LOGIN")
          .visit(
              Way.fixed(other, "smtp-" + form.label(), Mail.SMTP, form),
              new Account(loginAtDovecot(form), LocalLogins.PASSWORD),
              Letter.small(mailbox));
      assertThat(dovecot.awaitVersion(mailbox.address(), "LOGIN")).isEqualTo("TLSv1.3");
    }
  }

  /** The next server accepts mail to this domain only, and the device writes to itself. */
  private static String loginAtDovecot(TlsForm form) {
    return form.label() + "@" + Account.DOMAIN;
  }

  private static int number(TlsForm form) {
    return form == TlsForm.IMPLICIT ? 0 : 1;
  }

  @Test
  void sendsAPasswordToItsOwnOriginOnly() {
    MailOrigin own = office.origin(Mail.SMTP, TlsForm.STARTTLS);
    Metrics before = daemon.metrics();
    int mark = daemon.mark();

    Run run =
        new CurlMailDevice(lab, "1.0")
            .attempt(
                way(Mail.SMTP, TlsForm.IMPLICIT),
                new Account(login(own, 0), LocalLogins.PASSWORD),
                Letter.small(LocalLogins.mailbox(0)));

    assertThat(run.output()).contains("535 5.7.8");
    daemon.awaitOutput(mark, "the password is for " + own.byName() + " only");
    assertThat(daemon.metrics().sum("tlsuplift_upstream_handshakes_total"))
        .isEqualTo(before.sum("tlsuplift_upstream_handshakes_total"));
  }

  @Test
  void usesANewPasswordAtTheNextSignInAndLogsNone() throws Exception {
    MailOrigin origin = office.origin(Mail.SMTP, TlsForm.STARTTLS);
    String old = "an-old-secret-of-the-origin";
    Path file = Lab.privately(lab.file("upstream", old + "\n"));
    Daemon tracing =
        Daemon.startTracing(
            lab,
            yaml(
                List.of(line("copier", origin, 1, file)),
                MailListener.signingIn(TlsForm.STARTTLS, origin)));
    Way way = Way.fixed(tracing, "smtp-starttls", Mail.SMTP, TlsForm.STARTTLS);
    CurlMailDevice curl = new CurlMailDevice(lab, "1.0");
    Account account = new Account("copier", LocalLogins.PASSWORD);
    Letter letter = Letter.small(LocalLogins.mailbox(1));

    assertThat(curl.attempt(way, account, letter).output()).contains("535 5.7.8");
    Run refused = jar(tracing, "", "doctor");
    assertThat(refused.exit()).as(refused.toString()).isEqualTo(36);
    assertThat(refused.output()).contains("check the user");
    Files.writeString(file, secret + "\n");
    curl.attempt(way, account, letter).succeeded();
    Run healthy = jar(tracing, "", "doctor").succeeded();
    assertThat(healthy.output())
        .containsPattern("ok +mechanism +PLAIN and LOGIN offered")
        .containsPattern("ok +password +from ")
        .containsPattern("ok +sign-in +as " + LocalLogins.mailbox(1).address())
        .containsPattern("ok +sender +")
        .doesNotContain("FAILED");

    Secrets secrets = new Secrets();
    secrets.add("the old password", old);
    secrets.add("the password", secret);
    assertThat(tracing.output()).contains("TRACE ");
    secrets.assertAbsent("its log", tracing.output());
    secrets.assertAbsent("the doctor", refused.output() + healthy.output());
    for (String page : List.of("/", "/devices", "/metrics", "/api/sessions")) {
      secrets.assertAbsent(page, Metrics.get(tracing.admin(), page));
    }
  }

  @Test
  void accountsAreAddedByCommand() throws Exception {
    MailOrigin origin = office.origin(Mail.SMTP, TlsForm.STARTTLS);
    Path accounts = lab.directory("accounts").resolve("accounts.yaml");
    Path file = accounts.resolveSibling("relay.password");
    Account mailbox = LocalLogins.mailbox(2);
    Daemon other =
        Daemon.start(
            lab,
            MailListener.yaml(ca, MailListener.signingIn(TlsForm.STARTTLS, origin))
                + "signIn: {accountsFile: \"%s\"}\n".formatted(accounts));
    int mark = other.mark();

    jar(
            other,
            "Pa55word\n" + secret + "\n",
            "accounts",
            "add",
            "scanner",
            "--mailbox",
            mailbox.address(),
            "--upstream-origin",
            origin.byName(),
            "--upstream-password-file",
            file.toString(),
            "--password-stdin")
        .succeeded();

    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    assertThat(Files.readString(accounts)).doesNotContain(secret);
    other.awaitOutput(mark, "1 account read from");
    new CurlMailDevice(lab, "1.0")
        .attempt(
            Way.fixed(other, "smtp-starttls", Mail.SMTP, TlsForm.STARTTLS),
            new Account("scanner", "Pa55word"),
            Letter.small(mailbox))
        .succeeded();
  }

  private static Run jar(Daemon of, String input, String... arguments) {
    List<String> command = Daemon.jar(arguments);
    command.addAll(List.of("--config", Daemon.config(of.folder()).toString()));
    return Run.of(command, Map.of(), input);
  }

  private static Way way(Mail mail, TlsForm form) {
    return Way.fixed(daemon, mail.label() + "-" + form.label(), mail, form);
  }
}
