package org.tlsuplift.server.it.mail;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tlsuplift.server.it.lab.Account;
import org.tlsuplift.server.it.lab.Daemon;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Loopback;
import org.tlsuplift.server.it.lab.Metrics;
import org.tlsuplift.server.it.lab.TestCa;
import org.tlsuplift.server.it.peer.Mail;
import org.tlsuplift.server.it.peer.MailOrigin;
import org.tlsuplift.server.it.peer.OriginVersions;
import org.tlsuplift.server.it.peer.PostOffice;
import org.tlsuplift.server.it.peer.PostfixPort;
import org.tlsuplift.server.it.peer.TlsForm;
import org.tlsuplift.server.testing.AtOnce;

/** Mail origins that cannot or must not be spoken to: the device is told, and nothing leaks. */
class MailOriginFailuresIT {
  @RegisterExtension static final Lab lab = new Lab();

  private static final Map<Mail, String> UNAVAILABLE =
      Map.of(Mail.SMTP, "454 4.7.0 ", Mail.IMAP, "a2 NO ", Mail.POP3, "-ERR ");
  private static final List<ScriptedOrigin> plaintext = new ArrayList<>();

  private static final Map<Mail, String> CLOSING =
      Map.of(Mail.SMTP, "421 ", Mail.IMAP, "* BYE ", Mail.POP3, "-ERR ");

  private static Daemon daemon;
  private static PostOffice tls11;
  private static PostOffice wrongName;
  private static PostfixPort withoutTls;

  @BeforeAll
  static void start() {
    TestCa ca = new TestCa(lab);
    withoutTls = PostfixPort.withoutTls();
    wrongName = PostOffice.start(lab, ca.issue("other.example"), OriginVersions.MODERN, withoutTls);
    tls11 = PostOffice.start(lab, ca.issue("localhost"), new OriginVersions("TLSv1.1", "TLSv1.1"));
    List<MailListener> listeners = new ArrayList<>();
    for (Mail mail : Mail.values()) {
      scripted(listeners, "without", mail, MailOrigins.withoutTls(lab, mail));
      scripted(listeners, "refusing-tls", mail, MailOrigins.refusingTls(lab, mail));
      scripted(listeners, "injecting", mail, MailOrigins.injecting(lab, mail));
      scripted(listeners, "refusing", mail, MailOrigins.refusing(lab, mail));
      scripted(listeners, "silent", mail, MailOrigins.silent(lab));
      scripted(listeners, "endless", mail, MailOrigins.endless(lab, mail));
      String down = "localhost:" + Loopback.closedPort(lab);
      add(listeners, "down", mail, TlsForm.STARTTLS, down);
      for (TlsForm form : TlsForm.values()) {
        String suffix = "-" + form.label();
        MailOrigin old = tls11.origin(mail, form);
        MailOrigin wrong = wrongName.origin(mail, form);
        String prefix = mail.label();
        listeners.add(MailListener.plaintext(prefix + "-old" + suffix, mail, form, old.byName()));
        listeners.add(
            MailListener.plaintext(prefix + "-wrong" + suffix, mail, form, wrong.byName()));
      }
    }
    add(listeners, "postfix", Mail.SMTP, TlsForm.STARTTLS, withoutTls.byName());
    daemon =
        Daemon.start(
            lab,
            MailListener.yaml(ca, listeners.toArray(MailListener[]::new))
                + "limits: {negotiationTimeout: 3s, handshakeTimeout: 3s}\n");
  }

  private static void scripted(
      List<MailListener> all, String name, Mail mail, ScriptedOrigin origin) {
    plaintext.add(origin);
    add(all, name, mail, TlsForm.STARTTLS, origin.byName());
  }

  private static void add(
      List<MailListener> all, String name, Mail mail, TlsForm upstream, String origin) {
    all.add(new MailListener(mail.label() + "-" + name, mail, "starttls", upstream, origin, ""));
  }

  @ParameterizedTest
  @EnumSource
  void refusesStartTlsIfTheOriginHasNone(Mail mail) throws IOException {
    refusesTls(mail, "without", "origin_starttls_unavailable");
  }

  @ParameterizedTest
  @EnumSource
  void refusesStartTlsIfTheOriginRefusesIt(Mail mail) throws IOException {
    refusesTls(mail, "refusing-tls", "origin_starttls_unavailable");
  }

  @ParameterizedTest
  @EnumSource(names = "SMTP")
  void refusesStartTlsIfPostfixHasNone(Mail mail) throws IOException {
    refusesTls(mail, "postfix", "origin_starttls_unavailable");
  }

  @ParameterizedTest
  @EnumSource
  void refusesStartTlsIfTheOriginIsDown(Mail mail) throws IOException {
    refusesTls(mail, "down", "origin_unreachable");
  }

  @ParameterizedTest
  @EnumSource
  void aSilentOriginDoesNotDelayOthers(Mail mail) throws IOException {
    try (MailDialogue waiting = MailDialogue.open(daemon, mail.label() + "-silent", mail)) {
      waiting.send(MailDialogue.startTls(mail) + "\r\n");
      refusesTls(mail, "refusing-tls", "origin_starttls_unavailable");
    }
  }

  @ParameterizedTest
  @EnumSource
  void refusesStartTlsIfTheGreetingNeverEnds(Mail mail) throws IOException {
    refusesTls(mail, "endless", "origin_protocol_error");
  }

  @ParameterizedTest
  @EnumSource
  void refusesStartTlsIfTheOriginRefusesTheConnection(Mail mail) throws IOException {
    refusesTls(mail, "refusing", "origin_refused");
  }

  @ParameterizedTest
  @EnumSource
  void endsTheSessionIfTheOriginInjectsPlaintext(Mail mail) throws IOException {
    Metrics before = daemon.metrics();
    String listener = mail.label() + "-injecting";
    try (MailDialogue device = MailDialogue.open(daemon, listener, mail)) {
      String said = device.askForCapabilities() + device.askForTls();
      // Else the proxy waits for what the device makes of the refusal.
      device.send(MailDialogue.startTls(mail) + "\r\n");
      assertThat(said + device.rest()).doesNotContain("injected");
    }
    awaitEnd(before, listener, "plaintext_after_starttls");
  }

  @ParameterizedTest
  @EnumSource
  void refusesAnOriginBelowTls12(Mail mail) {
    inBothForms(form -> neverLogsIn(mail, "old-" + form, "origin_below_floor", tls11));
  }

  @ParameterizedTest
  @EnumSource
  void refusesAnOriginWithAnotherName(Mail mail) {
    inBothForms(
        form -> neverLogsIn(mail, "wrong-" + form, "origin_certificate_invalid", wrongName));
  }

  /** At once, as each listener waits half a second for a device that begins with TLS. */
  private static void inBothForms(Consumer<String> device) {
    Stream.of(TlsForm.values())
        .map(form -> AtOnce.run(() -> device.accept(form.label())))
        .toList()
        .forEach(CompletableFuture::join);
  }

  /** A device without TLS, whose password would be on the wire, must not get as far as that. */
  private static void neverLogsIn(Mail mail, String name, String reason, PostOffice office) {
    Account account = office.newAccount();
    String listener = mail.label() + "-" + name;
    Metrics before = daemon.metrics();
    try (MailDialogue device = MailDialogue.open(daemon, listener, mail)) {
      device.askForCapabilities();
      device.send(
          switch (mail) {
            case SMTP -> "AUTH PLAIN " + account.plain() + "\r\n";
            case IMAP -> "a3 LOGIN " + account.address() + " " + account.password() + "\r\n";
            case POP3 -> "USER " + account.address() + "\r\nPASS " + account.password() + "\r\n";
          });
      assertThat(device.rest()).doesNotContain("235 ", "a3 OK", "+OK Logged in");
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
    awaitEnd(before, listener, reason);
    assertThat(office.log()).doesNotContain(account.address());
  }

  /** Asked for TLS at once, and asked what it can do first. */
  private static void refusesTls(Mail mail, String name, String reason) throws IOException {
    String listener = mail.label() + "-" + name;
    Metrics before = daemon.metrics();
    int mark = daemon.mark();
    try (MailDialogue device = MailDialogue.open(daemon, listener, mail)) {
      assertThat(device.askForTls()).startsWith(UNAVAILABLE.get(mail)).contains("localhost:");
    }
    daemon.awaitSessionLine(mark, "listener", listener, "reason", reason);
    mark = daemon.mark();
    try (MailDialogue device = MailDialogue.open(daemon, listener, mail)) {
      String list = device.askForCapabilities();
      if (list.startsWith(CLOSING.get(mail))) {
        assertThat(device.rest()).isEmpty();
      } else {
        // The origin told what it can do, and said no to TLS only then.
        assertThat(list).contains(mail == Mail.POP3 ? "STLS" : "STARTTLS");
        assertThat(device.askForTls()).startsWith(UNAVAILABLE.get(mail));
      }
    }
    daemon.awaitSessionLine(mark, "listener", listener, "reason", reason);
    daemon.awaitIncrease(
        before, 2, "tlsuplift_sessions_total", "listener", listener, "reason", reason);
    assertThat(plaintext)
        .allSatisfy(
            origin ->
                assertThat(origin.received()).doesNotContain("AUTH", "LOGIN", "USER", "MAIL"));
  }

  private static void awaitEnd(Metrics before, String listener, String reason) {
    daemon.awaitIncrease(
        before, 1, "tlsuplift_sessions_total", "listener", listener, "reason", reason);
  }
}
