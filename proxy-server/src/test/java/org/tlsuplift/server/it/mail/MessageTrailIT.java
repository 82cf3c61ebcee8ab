package org.tlsuplift.server.it.mail;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.tlsuplift.server.it.lab.Account;
import org.tlsuplift.server.it.lab.CommandLineRun;
import org.tlsuplift.server.it.lab.Daemon;
import org.tlsuplift.server.it.lab.Identity;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Loopback;
import org.tlsuplift.server.it.lab.Metrics;
import org.tlsuplift.server.it.lab.Run;
import org.tlsuplift.server.it.lab.TestCa;
import org.tlsuplift.server.it.mail.MailDevice.Way;
import org.tlsuplift.server.it.peer.Letter;
import org.tlsuplift.server.it.peer.Mail;
import org.tlsuplift.server.it.peer.OriginVersions;
import org.tlsuplift.server.it.peer.PostOffice;
import org.tlsuplift.server.it.peer.PostfixPort;
import org.tlsuplift.server.it.peer.TlsForm;

/** A help desk finds each message of a device again, with what the origin said to it. */
class MessageTrailIT {
  @RegisterExtension static final Lab lab = new Lab();

  private static final String MESSAGES = "tlsuplift_messages_total";

  private static PostOffice office;
  private static Daemon daemon;
  private static Account later;
  private static Account never;

  @BeforeAll
  static void start() {
    TestCa ca = new TestCa(lab);
    PostfixPort open = PostfixPort.open();
    // The accounts that the office gives first.
    PostfixPort deferring = PostfixPort.open().judging("device0@corp.example", "DEFER");
    PostfixPort rejecting = PostfixPort.open().judging("device1@corp.example", "REJECT");
    office =
        PostOffice.start(
            lab, ca.issue("localhost"), OriginVersions.MODERN, open, deferring, rejecting);
    later = office.newAccount();
    never = office.newAccount();
    String plaintext = ", allowPlaintext: true";
    // A Java runtime without old suites makes the doctor a modern device.
    String bridge = ", whenModern: bridge";
    Identity own = new TestCa(lab, "The company").issue("localhost");
    String certificate =
        ", certificate: {certificate: '%s', key: '%s'}"
            .formatted(own.certificateFile(), Lab.privately(own.keyFile()));
    daemon =
        Daemon.start(
            lab,
            onKnownPorts(
                    MailListener.yaml(
                        ca,
                        listener("open", open.byName(), plaintext),
                        listener(
                            "submission",
                            office.origin(Mail.SMTP, TlsForm.STARTTLS).byName(),
                            bridge),
                        listener("own", open.byName(), bridge + certificate),
                        listener("deferring", deferring.byName(), ""),
                        listener("rejecting", rejecting.byName(), ""),
                        listener(
                            "rules",
                            open.byName(),
                            ", mail: {allowedSenders: [scanner@corp.example]}")))
                + "inventory: {flushInterval: 200ms}\n"
                + "accessLog: {file: '"
                + lab.directory("log").resolve("access.log")
                + "'}\n");
  }

  /** The first three listeners have ports that a configuration file can tell the doctor. */
  private static String onKnownPorts(String yaml) {
    String known = yaml;
    for (int i = 0; i < 3; i++) {
      known =
          known.replaceFirst(
              "bind: \"127.0.0.1:0\"",
              "bind: \"127.0.0.1:" + Loopback.freePort(Loopback.V4) + "\"");
    }
    return known;
  }

  private static MailListener listener(String name, String origin, String more) {
    return new MailListener(name, Mail.SMTP, "optional", TlsForm.STARTTLS, origin, more);
  }

  private static SwaksDevice swaks() {
    return new SwaksDevice(lab, "TLSv1");
  }

  private static Way way(String listener, TlsForm form) {
    return Way.fixed(daemon, listener, Mail.SMTP, form);
  }

  /** The latest record of a sender, when there is one. */
  private static JsonNode awaitRecord(Account sender) {
    return await()
        .atMost(Duration.ofSeconds(20))
        .until(
            () ->
                new ObjectMapper()
                    .readTree(
                        Metrics.get(
                            daemon.admin(), "/api/messages?limit=1&sender=" + sender.address()))
                    .path(0),
            record -> !record.isMissingNode());
  }

  private static Stream<Arguments> devices() {
    return Stream.of(swaks().with("--auth", "LOGIN"), new MsmtpDevice(lab, "TLS1.0"))
        .flatMap(device -> Stream.of(TlsForm.values()).map(form -> Arguments.of(device, form)));
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("devices")
  void anAcceptedMessageHasTheQueueIdOfTheOrigin(MailDevice device, TlsForm form) throws Exception {
    Account account = office.newAccount();
    Letter letter = Letter.small(account);
    Metrics before = daemon.metrics();

    assertThat(device.visit(way("submission", form), account, letter).version()).isEqualTo("TLSv1");

    JsonNode record = awaitRecord(account);
    String reply = record.path("reply").asText();
    var queued = Pattern.compile("^250 2\\.0\\.0 Ok: queued as (\\w+)$").matcher(reply);
    assertThat(queued.find()).as(record.toString()).isTrue();
    await().until(() -> office.log().contains(queued.group(1) + ": from=<" + account.address()));
    assertThat(record.path("outcome").asText()).isEqualTo("accepted");
    assertThat(record.path("deviceTls").asText()).isEqualTo("TLSv1");
    assertThat(record.path("originTls").asText()).isEqualTo("TLSv1.3");
    assertThat(record.path("device").asText()).isEqualTo("127.0.0.1");
    assertThat(record.path("listener").asText()).isEqualTo("submission");
    assertThat(record.path("recipients").toString()).isEqualTo("[\"@corp.example\"]");
    assertThat(record.path("acceptedRecipients").asInt()).isEqualTo(1);
    assertThat(record.path("size").asLong()).isGreaterThan(letter.content().length());
    daemon.awaitIncrease(before, 1, MESSAGES, "listener", "submission", "outcome", "accepted");
    assertThat(Metrics.get(daemon.admin(), "/messages?sender=" + account.address()))
        .contains(reply, "TLSv1 → TLSv1.3", "1 to 1 of 1 message");
    assertThat(Metrics.get(daemon.admin(), "/devices/127.0.0.1")).contains("Latest messages");
    awaitAccessLog(reply);
    nothingIsKeptOf(letter);
  }

  private static Path accessLog() throws Exception {
    String config = Files.readString(Daemon.config(daemon.folder()));
    return Path.of(config.replaceAll("(?s).*accessLog: \\{file: '([^']+)'.*", "$1"));
  }

  private static void awaitAccessLog(String reply) {
    await()
        .atMost(Duration.ofSeconds(10))
        .untilAsserted(
            () ->
                assertThat(Files.readAllLines(accessLog()))
                    .anySatisfy(
                        line ->
                            assertThat(line).startsWith("{\"type\":\"message\",").contains(reply)));
  }

  /** Neither subject nor content: the marker is in both the id and the body. */
  private static void nothingIsKeptOf(Letter letter) throws Exception {
    List<Path> kept = new ArrayList<>(List.of(accessLog()));
    try (Stream<Path> files = Files.walk(Daemon.data(daemon.folder()))) {
      files
          .filter(file -> file.getFileName().toString().startsWith("inventory"))
          .forEach(kept::add);
    }
    assertThat(kept).hasSizeGreaterThan(1);
    for (Path file : kept) {
      assertThat(Files.readString(file, StandardCharsets.ISO_8859_1))
          .as(file.toString())
          .doesNotContain(letter.marker(), "Subject");
    }
  }

  @Test
  void aMessageThatARuleRefusesHasTheRule() {
    Account account = office.newAccount();
    Metrics before = daemon.metrics();
    swaks().attempt(way("rules", TlsForm.STARTTLS), account, Letter.small(account));
    JsonNode record = awaitRecord(account);
    assertThat(record.path("outcome").asText()).isEqualTo("refused");
    assertThat(record.path("refusal").asText()).isEqualTo("sender_not_allowed");
    assertThat(record.path("reply").asText()).startsWith("550 5.7.60");
    daemon.awaitIncrease(before, 1, MESSAGES, "listener", "rules", "outcome", "refused");
  }

  @Test
  void aMessageThatTheOriginDefersOrRejectsHasItsReply() {
    swaks().attempt(way("deferring", TlsForm.STARTTLS), later, Letter.small(later));
    swaks().attempt(way("rejecting", TlsForm.IMPLICIT), never, Letter.small(never));
    assertThat(awaitRecord(later).path("outcome").asText()).isEqualTo("deferred");
    assertThat(awaitRecord(later).path("reply").asText()).startsWith("450 4.7.1");
    assertThat(awaitRecord(never).path("outcome").asText()).isEqualTo("rejected");
    // The sender is also the recipient here, and is shown as the sender.
    assertThat(awaitRecord(never).path("reply").asText()).startsWith("554 5.7.1");
    assertThat(office.hasMail(later)).isFalse();
  }

  @Test
  void aMessageThatADeviceWithoutTlsGivesUpIsAbandoned() throws Exception {
    Account account = office.newAccount();
    try (MailDialogue device = MailDialogue.open(daemon, "open", Mail.SMTP)) {
      device.askForCapabilities();
      device.ask("MAIL FROM:<" + account.address() + ">");
      device.ask("RCPT TO:<" + account.address() + ">");
      device.ask("DATA");
      device.send("Subject: half a scan\r\n");
    }
    JsonNode record = awaitRecord(account);
    assertThat(record.path("outcome").asText()).isEqualTo("abandoned");
    assertThat(record.path("deviceTls").asText()).isEqualTo("none");
    assertThat(record.path("originTls").asText()).isEqualTo("TLSv1.3");
    assertThat(record.has("reply")).isFalse();
  }

  @Test
  void theCommandListsTheMessagesOfTheRunningDaemon() {
    Account account = office.newAccount();
    swaks().attempt(way("open", TlsForm.STARTTLS), account, Letter.small(account)).succeeded();
    awaitRecord(account);
    Run run =
        CommandLineRun.of(
            "messages",
            "--config",
            Daemon.config(daemon.folder()).toString(),
            "--sender",
            account.address());
    assertThat(run.succeeded().output()).contains("queued as", "1 @corp.example", "1 message");
  }

  @Test
  void theDoctorSendsATestMessageAndShowsItsRecord() {
    Account account = office.newAccount();
    Run run = doctor("open", account);
    assertThat(run.succeeded().output())
        .contains("test message through open", "with TLSv1.2, TLS_")
        .contains("accepted     end of DATA: 250 2.0.0 Ok: queued as ")
        .contains("outcome      accepted", "TLS          device TLSv1.2, origin TLSv1.3");
    assertThat(Letter.read(office.awaitMail(account))).contains("Test message of TLS Uplift");
  }

  @Test
  void theDoctorSignsInAsTheDeviceDoes() {
    Account account = office.newAccount();
    Path password = lab.file("device.password", account.password() + "\n");
    assertThat(
            doctor("submission", account, "--login", account.address(), "--password-file", password)
                .succeeded()
                .output())
        .contains("accepted     end of DATA: 250 2.0.0 Ok: queued as ");
    assertThat(Letter.read(office.awaitMail(account)))
        .contains("(Authenticated sender: " + account.address() + ")");

    Path wrong = lab.file("wrong.password", "another one\n");
    Run refused =
        doctor("submission", account, "--login", account.address(), "--password-file", wrong);
    assertThat(refused.exit()).as(refused.toString()).isEqualTo(41);
    assertThat(refused.output())
        .contains("NOT ACCEPTED AUTH: 535 5.7.8")
        .doesNotContain("another one");
  }

  @Test
  void theDoctorTrustsTheCertificateThatTheOperatorConfigured() {
    Account account = office.newAccount();
    assertThat(doctor("own", account).succeeded().output())
        .contains("test message through own", "accepted     end of DATA: 250 2.0.0 Ok: queued as ");
  }

  private static Run doctor(String listener, Account account, Object... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "doctor",
                "--config",
                Daemon.config(daemon.folder()).toString(),
                "--listener",
                listener,
                "--send-to",
                account.address(),
                "--from",
                account.address()));
    Stream.of(more).map(String::valueOf).forEach(arguments::add);
    return CommandLineRun.of(arguments.toArray(new String[0]));
  }

  @Test
  void doctorReportsAnUnknownPort() {
    Run run = doctor("rules", office.newAccount());
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.output()).contains("bind has port 0", "set a fixed port");
  }
}
