package org.tlsuplift.server.it.mail;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tlsuplift.server.it.device.RawDevice;
import org.tlsuplift.server.it.lab.Account;
import org.tlsuplift.server.it.lab.Daemon;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Metrics;
import org.tlsuplift.server.it.lab.TestCa;
import org.tlsuplift.server.it.mail.MailDevice.Way;
import org.tlsuplift.server.it.peer.Mail;
import org.tlsuplift.server.it.peer.OriginVersions;
import org.tlsuplift.server.it.peer.PostOffice;
import org.tlsuplift.server.it.peer.TlsForm;

/** What devices must not do is refused in the words of their protocol, and nothing leaks. */
class MailRefusalIT {
  @RegisterExtension static final Lab lab = new Lab();

  private static Daemon daemon;
  private static PostOffice office;

  @BeforeAll
  static void start() {
    TestCa ca = new TestCa(lab);
    office = PostOffice.start(lab, ca.issue("localhost"), OriginVersions.MODERN);
    List<MailListener> listeners = new ArrayList<>();
    for (Mail mail : Mail.values()) {
      listeners.add(MailListener.to(office.origin(mail, TlsForm.STARTTLS), "starttls", ""));
      listeners.add(MailListener.to(office.origin(mail, TlsForm.IMPLICIT), "optional", ""));
      listeners.add(MailListener.to(office.origin(mail, TlsForm.STARTTLS), "implicit", ""));
    }
    daemon =
        Daemon.start(
            lab,
            MailListener.yaml(ca, listeners.toArray(MailListener[]::new))
                + "limits: {negotiationTimeout: 2500ms, handshakeTimeout: 2500ms}\n");
  }

  @AfterEach
  void anotherDeviceIsServed() {
    new MailExchange(daemon, office, "TLSv1.3")
        .by(
            new CurlMailDevice(lab, "1.0"),
            Way.fixed(daemon, "imap-starttls-starttls", Mail.IMAP, TlsForm.STARTTLS),
            "imap-starttls-starttls");
  }

  @ParameterizedTest
  @EnumSource
  void offersTlsAndHidesAuthenticationBeforeIt(Mail mail) throws IOException {
    for (String listener : List.of("-starttls-starttls", "-optional-implicit")) {
      try (MailDialogue device = MailDialogue.open(daemon, mail.label() + listener, mail)) {
        String offered = device.askForCapabilities();
        switch (mail) {
          case SMTP ->
              assertThat(offered)
                  .contains("250-PIPELINING\r\n", "SIZE 104857600\r\n", "8BITMIME\r\n")
                  .contains("CHUNKING\r\n", "STARTTLS\r\n")
                  .doesNotContain("AUTH");
          case IMAP ->
              assertThat(offered)
                  .contains("IMAP4rev1", " STARTTLS", " LOGINDISABLED")
                  .endsWith("\r\n")
                  .contains("\r\na1 OK ")
                  .doesNotContain("AUTH=");
          case POP3 ->
              assertThat(offered)
                  .startsWith("+OK")
                  .contains("\r\nSTLS\r\n", "\r\nUIDL\r\n")
                  .doesNotContain("SASL PLAIN", "\r\nUSER");
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void refusesPasswordsAndMailBeforeTls(Mail mail) throws IOException {
    Account account = office.newAccount();
    for (String listener : List.of("-starttls-starttls", "-optional-implicit")) {
      try (MailDialogue device = MailDialogue.open(daemon, mail.label() + listener, mail)) {
        device.askForCapabilities();
        switch (mail) {
          case SMTP -> {
            assertThat(device.ask("AUTH PLAIN " + account.plain())).startsWith("530 5.7.0 ");
            assertThat(device.ask("MAIL FROM:<a@corp.example>")).startsWith("530 5.7.0 ");
            assertThat(device.ask("NOOP")).startsWith("250 ");
            assertThat(device.ask("RSET")).startsWith("250 ");
            assertThat(device.ask("QUIT")).startsWith("221 ");
          }
          case IMAP -> {
            String login = "a5 LOGIN " + account.address() + " " + account.password();
            assertThat(device.ask(login)).startsWith("a5 NO ");
            assertThat(device.ask("a6 AUTHENTICATE PLAIN")).startsWith("a6 NO ");
            assertThat(device.ask("a7 NOOP")).startsWith("a7 OK ");
            assertThat(device.ask("a8 LOGOUT")).startsWith("* BYE ");
          }
          case POP3 -> {
            assertThat(device.ask("USER " + account.address())).startsWith("-ERR");
            assertThat(device.ask("QUIT")).startsWith("+OK");
          }
        }
      }
    }
    assertThat(office.log()).doesNotContain(account.address());
  }

  @ParameterizedTest
  @EnumSource
  void endsTheSessionIfTheDeviceSendsPlaintextAfterStartTls(Mail mail) throws IOException {
    String listener = mail.label() + "-starttls-starttls";
    Metrics before = daemon.metrics();
    int mark = daemon.mark();
    try (MailDialogue device = MailDialogue.open(daemon, listener, mail)) {
      device.askForCapabilities();
      device.send(MailDialogue.startTls(mail) + "\r\nNOOP injected\r\n");
      assertThat(device.rest()).doesNotContain("250 ", "injected");
    }
    awaitEnd(before, mark, listener, "plaintext_after_starttls");
    daemon.awaitIncrease(
        before, 0, "tlsuplift_downstream_handshakes_total", "outcome", "completed");
  }

  @ParameterizedTest
  @EnumSource
  void timesOutADeviceThatTrickles(Mail mail) throws Exception {
    String listener = mail.label() + "-optional-implicit";
    Metrics before = daemon.metrics();
    int mark = daemon.mark();
    Instant start = Instant.now();
    try (MailDialogue device = MailDialogue.open(daemon, listener, mail);
        Trickle trickle = Trickle.into(device)) {
      device.rest();
      assertThat(Duration.between(start, Instant.now())).isLessThan(Duration.ofSeconds(8));
      assertThat(trickle.sent()).isPositive();
    }
    awaitEnd(before, mark, listener, "negotiation_timeout");
  }

  @ParameterizedTest
  @EnumSource
  void boundsTheLinesOfADevice(Mail mail) throws IOException {
    String listener = mail.label() + "-starttls-starttls";
    Metrics before = daemon.metrics();
    int mark = daemon.mark();
    try (MailDialogue device = MailDialogue.open(daemon, listener, mail)) {
      device.send("x".repeat(64 * 1024));
      device.rest();
    } catch (IOException reset) {
      // So much was left unread that the end came as a reset.
    }
    awaitEnd(before, mark, listener, "negotiation_refused");
  }

  @Test
  void refusesPlaintextOnAPortForImplicitTls() throws IOException {
    Metrics before = daemon.metrics();
    int mark = daemon.mark();
    try (RawDevice device = RawDevice.to(daemon.listener("smtp-implicit-starttls"))) {
      device.send("EHLO device\r\n");
      assertThat(device.readText()).doesNotContain("250");
    }
    awaitEnd(before, mark, "smtp-implicit-starttls", "not_tls");
  }

  private static void awaitEnd(Metrics before, int mark, String listener, String reason) {
    daemon.awaitIncrease(
        before, 1, "tlsuplift_sessions_total", "listener", listener, "reason", reason);
    daemon.awaitSessionLine(mark, "listener", listener, "reason", reason);
  }
}
