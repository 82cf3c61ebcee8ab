package org.tlsuplift.server.it.mail.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.tlsuplift.server.it.lab.Account;
import org.tlsuplift.server.it.lab.Child;
import org.tlsuplift.server.it.lab.CommandLineRun;
import org.tlsuplift.server.it.lab.Daemon;
import org.tlsuplift.server.it.lab.Identity;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Metrics;
import org.tlsuplift.server.it.lab.Run;
import org.tlsuplift.server.it.lab.TestCa;
import org.tlsuplift.server.it.mail.MailDevice;
import org.tlsuplift.server.it.mail.MailDevice.Visit;
import org.tlsuplift.server.it.mail.MailDevice.Way;
import org.tlsuplift.server.it.mail.MailListener;
import org.tlsuplift.server.it.mail.MsmtpDevice;
import org.tlsuplift.server.it.mail.NodemailerDevice;
import org.tlsuplift.server.it.mail.PythonMailDevice;
import org.tlsuplift.server.it.mail.SwaksDevice;
import org.tlsuplift.server.it.peer.Exim;
import org.tlsuplift.server.it.peer.Letter;
import org.tlsuplift.server.it.peer.Mail;
import org.tlsuplift.server.it.peer.OriginVersions;
import org.tlsuplift.server.it.peer.PostOffice;
import org.tlsuplift.server.it.peer.PostfixPort;
import org.tlsuplift.server.it.peer.TlsForm;

/** What the rules of a listener refuse is told to the device, and to the operator everywhere. */
class MailRulesIT {
  @RegisterExtension static final Lab lab = new Lab();

  private static final String REFUSALS = "tlsuplift_message_refusals_total";

  private static PostOffice office;
  private static House postfix;
  private static House exim;
  private static Daemon daemon;

  @BeforeAll
  static void start() {
    TestCa ca = new TestCa(lab);
    Identity identity = ca.issue("localhost");
    PostfixPort open = PostfixPort.open();
    PostfixPort implicit = PostfixPort.open().implicit();
    office = PostOffice.start(lab, identity, OriginVersions.MODERN, open, implicit);
    postfix = House.of(office, open, implicit);
    exim = House.of(Exim.start(lab, identity));
    String submission = office.origin(Mail.SMTP, TlsForm.STARTTLS).byName();
    String everybody =
        "allowedSenders: [\"@corp.example\"], allowedRecipients: [\"@corp.example\"]";
    List<MailListener> listeners = new ArrayList<>();
    listeners.add(listener("everybody", submission, everybody + ", repairLineEnds: true"));
    listeners.add(listener("somebody", submission, "allowedSenders: [scanner@corp.example]"));
    for (House house : List.of(postfix, exim)) {
      String limits = everybody + ", maximumRecipients: 2, maximumSize: 20KB";
      listeners.add(listener(house.name() + "-limits", house.startTlsName(), limits));
      listeners.add(listener(house.name() + "-hour", house.startTlsName(), "messagesPerHour: 2"));
      listeners.add(listener(house.name() + "-day", house.startTlsName(), "recipientsPerDay: 3"));
    }
    daemon =
        Daemon.start(
            lab,
            MailListener.yaml(ca, listeners.toArray(MailListener[]::new))
                + "inventory: {flushInterval: 200ms}\n");
  }

  private static MailListener listener(String name, String origin, String rules) {
    return new MailListener(
        name,
        Mail.SMTP,
        "optional",
        TlsForm.STARTTLS,
        origin,
        ", allowPlaintext: true, mail: {" + rules + "}");
  }

  private static Stream<Arguments> programs() {
    return Stream.of(
            new SwaksDevice(lab, "TLSv1", "--auth", "LOGIN"),
            new MsmtpDevice(lab, "TLS1.0"),
            new NodemailerDevice(lab),
            new PythonMailDevice(lab, "TLSv1", "EHLO"))
        .flatMap(device -> Stream.of(TlsForm.values()).map(form -> Arguments.of(device, form)));
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("programs")
  void allowedMailPasses(MailDevice device, TlsForm form) {
    Account account = office.newAccount();
    Letter letter = Letter.small(account);
    Metrics before = daemon.metrics();

    Visit visit = device.visit(way("everybody", form), account, letter);

    assertThat(visit.version()).isEqualTo("TLSv1");
    assertThat(Letter.read(office.awaitMail(account)))
        .contains(letter.marker(), "using TLSv1.3", "Authenticated sender: " + account.address());
    Metrics now =
        daemon.awaitIncrease(
            before, visit.attempts(), "tlsuplift_sessions_total", "listener", "everybody");
    String legacy = "tlsuplift_legacy_handshakes_total";
    assertThat(now.sum(legacy, "listener", "everybody"))
        .isEqualTo(before.sum(legacy, "listener", "everybody") + visit.attempts());
    assertThat(now.sum(REFUSALS)).isEqualTo(before.sum(REFUSALS));
    // Python sends the bytes of a file as they are, with bare LFs.
    long repaired = device instanceof PythonMailDevice ? 1 : 0;
    assertThat(now.sum("tlsuplift_messages_repaired_total"))
        .isEqualTo(before.sum("tlsuplift_messages_repaired_total") + repaired);
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("programs")
  void anotherSenderIsRefused(MailDevice device, TlsForm form) {
    Account account = office.newAccount();
    Metrics before = daemon.metrics();
    int mark = daemon.mark();

    Run run = device.attempt(way("somebody", form), account, Letter.small(account));

    assertThat(run.exit()).as(run.toString()).isNotZero();
    assertThat(run.output()).contains("550", "5.7.60");
    awaitRefusal(before, mark, "somebody", "sender_not_allowed", "allowedSenders");
    assertThat(office.hasMail(account)).isFalse();
  }

  private static Stream<House> houses() {
    return Stream.of(postfix, exim);
  }

  @ParameterizedTest
  @MethodSource("houses")
  void aRecipientIsRefused(House house) {
    Account account = house.newAccount();
    Run run =
        refused(
            house,
            "-limits",
            account,
            "recipient_not_allowed",
            "allowedRecipients",
            "--to",
            account.address() + ",x@fabrikam.example");
    assertThat(run.output()).contains("* 550 5.7.1 <x@fabrikam.example> is not among");
    assertThat(house.awaitMail(account)).contains("Scan");
  }

  @ParameterizedTest
  @MethodSource("houses")
  void thereAreTooManyRecipients(House house) {
    Account account = house.newAccount();
    Account second = house.newAccount();
    Account third = house.newAccount();
    Run run =
        refused(
            house,
            "-limits",
            account,
            "too_many_recipients",
            "maximumRecipients",
            "--to",
            account.address() + "," + second.address() + "," + third.address());
    assertThat(run.output()).contains("* 452 4.5.3 Too many recipients");
    house.awaitMail(account);
    house.awaitMail(second);
    assertThat(house.hasMail(third)).isFalse();
  }

  @ParameterizedTest
  @MethodSource("houses")
  void aMessageIsTooLarge(House house) {
    Account account = house.newAccount();
    String listener = house.name() + "-limits";
    Letter letter = Letter.scan(account, 20_000);
    for (SwaksDevice device : devices()) {
      Metrics before = daemon.metrics();
      int mark = daemon.mark();
      Run run = attempt(device, listener, account, letter);
      assertThat(run.output()).contains("250-SIZE 20480").contains("* 552 5.3.4 ");
      daemon.awaitIncrease(before, 1, REFUSALS, "listener", listener, "reason", "too_large");
      // It ends the session, which has one line for both.
      assertThat(daemon.awaitSessionLine(mark, "listener", listener, "reason", "message_refused"))
          .contains("WARN", "maximumSize");
    }
    assertThat(house.hasMail(account)).isFalse();
  }

  @ParameterizedTest
  @MethodSource("houses")
  void aDeviceHasSentItsMessages(House house) {
    String listener = house.name() + "-hour";
    Account account = house.newAccount();
    for (SwaksDevice device : devices()) {
      attempt(device, listener, account, Letter.small(account)).succeeded();
    }
    Run run = refused(house, "-hour", account, "messages_per_hour", "messagesPerHour");
    assertThat(run.output()).contains("* 450 4.7.1 ");
  }

  @ParameterizedTest
  @MethodSource("houses")
  void aDeviceHasSentToItsRecipients(House house) {
    String listener = house.name() + "-day";
    Account account = house.newAccount();
    String two = account.address() + "," + account.address();
    attempt(swaks().with("--to", two), listener, account, Letter.small(account)).succeeded();
    Run run =
        refused(house, "-day", account, "recipients_per_day", "recipientsPerDay", "--to", two);
    assertThat(run.output()).contains("* 450 4.7.1 ");
  }

  @Test
  void devicePageShowsTheRefusal() {
    Account account = office.newAccount();
    attempt(swaks().with("--auth", "LOGIN"), "somebody", account, Letter.small(account));
    await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(
            () ->
                assertThat(Metrics.get(daemon.admin(), "/devices/127.0.0.1"))
                    .contains("Messages that TLS Uplift refused", "The sender is not allowed"));
  }

  /** Otherwise every device could send as everybody: a connector asks for no password. */
  @Test
  void aClientCertificateNeedsNamedSenders() {
    TestCa customers = new TestCa(lab, "Customers of the test");
    Identity site = customers.issue("site.corp.example");
    String yaml =
        MailListener.yaml(
                customers,
                new MailListener(
                    "fax", Mail.SMTP, "starttls", TlsForm.STARTTLS, "localhost:25", ""))
            .replace(
                "action: bridge",
                "action: bridge, clientCertificate: {certificate: \"%s\", key: \"%s\"}"
                    .formatted(site.certificateFile(), site.keyFile()));
    Path folder = lab.directory("connector");

    Child daemon = Daemon.run(folder, yaml);

    assertThat(daemon.awaitExit()).isEqualTo(2);
    Run check = CommandLineRun.of("check", "--config", Daemon.config(folder).toString());
    assertThat(check.exit()).isEqualTo(2);
    for (String output : List.of(daemon.output(), check.output())) {
      assertThat(output).contains("listeners[0]", "mail.allowedSenders", "client certificate");
    }
  }

  private static Run refused(
      House house, String suffix, Account account, String reason, String rule, String... options) {
    String listener = house.name() + suffix;
    Metrics before = daemon.metrics();
    int mark = daemon.mark();
    Run run = attempt(swaks().with(options), listener, account, Letter.small(account));
    awaitRefusal(before, mark, listener, reason, rule);
    return run;
  }

  /** Where a refusal can be seen: the counter, and one line of the log with the remedy. */
  private static void awaitRefusal(
      Metrics before, int mark, String listener, String reason, String rule) {
    daemon.awaitIncrease(before, 1, REFUSALS, "listener", listener, "reason", reason);
    daemon.awaitIncrease(before, 1, REFUSALS);
    daemon.awaitOutput(mark, "message refused");
    assertThat(daemon.output().substring(mark))
        .containsPattern("WARN.*message refused.*" + rule + ".*refusal=\"?" + reason);
  }

  private static Run attempt(SwaksDevice device, String listener, Account account, Letter letter) {
    Way way = way(listener, TlsForm.STARTTLS);
    return device.version().isEmpty()
        ? device.attemptInPlaintext(way, account, letter, device.options().toArray(String[]::new))
        : device.attempt(way, account, letter);
  }

  private static SwaksDevice swaks() {
    return new SwaksDevice(lab, "TLSv1");
  }

  /** One with TLS and one without. */
  private static List<SwaksDevice> devices() {
    return List.of(swaks(), new SwaksDevice(lab, ""));
  }

  private static Way way(String listener, TlsForm form) {
    return Way.fixed(daemon, listener, Mail.SMTP, form);
  }
}
