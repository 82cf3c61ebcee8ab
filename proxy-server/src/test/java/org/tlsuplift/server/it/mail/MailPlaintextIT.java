package org.tlsuplift.server.it.mail;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tlsuplift.server.it.lab.Account;
import org.tlsuplift.server.it.lab.Daemon;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Metrics;
import org.tlsuplift.server.it.lab.Run;
import org.tlsuplift.server.it.lab.TestCa;
import org.tlsuplift.server.it.mail.MailDevice.Visit;
import org.tlsuplift.server.it.mail.MailDevice.Way;
import org.tlsuplift.server.it.peer.Letter;
import org.tlsuplift.server.it.peer.Mail;
import org.tlsuplift.server.it.peer.OriginVersions;
import org.tlsuplift.server.it.peer.PostOffice;
import org.tlsuplift.server.it.peer.PostfixPort;
import org.tlsuplift.server.it.peer.TlsForm;

/** Devices that never encrypt, or that greet as it was done before EHLO. */
class MailPlaintextIT {
  @RegisterExtension static final Lab lab = new Lab();

  private static Daemon daemon;
  private static PostOffice office;

  @BeforeAll
  static void start() {
    TestCa ca = new TestCa(lab);
    PostfixPort open = PostfixPort.open();
    office = PostOffice.start(lab, ca.issue("localhost"), OriginVersions.MODERN, open);
    TlsForm startTls = TlsForm.STARTTLS;
    daemon =
        Daemon.start(
            lab,
            MailListener.yaml(
                ca,
                MailListener.plaintext("open", Mail.SMTP, startTls, open.byName()),
                plaintext("smtp", Mail.SMTP, startTls),
                plaintext("imap", Mail.IMAP, startTls),
                plaintext("pop3", Mail.POP3, startTls),
                plaintext("smtps", Mail.SMTP, TlsForm.IMPLICIT),
                plaintext("imaps", Mail.IMAP, TlsForm.IMPLICIT),
                plaintext("pop3s", Mail.POP3, TlsForm.IMPLICIT)));
  }

  private static MailListener plaintext(String name, Mail mail, TlsForm upstream) {
    return MailListener.plaintext(name, mail, upstream, office.origin(mail, upstream).byName());
  }

  @ParameterizedTest
  @EnumSource
  void encryptsForAPlaintextDevice(Mail mail) {
    for (TlsForm upstream : TlsForm.values()) {
      String listener = mail.label() + (upstream == TlsForm.IMPLICIT ? "s" : "");
      Account account = office.newAccount();
      Letter letter = Letter.small(account);
      if (mail != Mail.SMTP) {
        office.put(account, letter);
      }
      Metrics before = daemon.metrics();
      int mark = daemon.mark();
      Way way = Way.fixed(daemon, listener, mail, TlsForm.STARTTLS);

      String fetched = new CurlMailDevice(lab, "1.0").visitInPlaintext(way, account, letter);

      String received = mail == Mail.SMTP ? Letter.read(office.awaitMail(account)) : fetched;
      assertThat(letter.isWholeIn(received)).as(received).isTrue();
      assertThat(office.awaitVersion(mail, account)).isEqualTo("TLSv1.3");
      countsPlaintext(before, mark, listener, mail);
    }
  }

  @Test
  void acceptsPlaintextMailAfterHelo() {
    Account account = office.newAccount();
    Letter letter = Letter.small(account);
    Metrics before = daemon.metrics();
    int mark = daemon.mark();
    Run run =
        new SwaksDevice(lab, "TLSv1")
            .attemptInPlaintext(
                Way.fixed(daemon, "open", Mail.SMTP, TlsForm.STARTTLS),
                account,
                letter,
                "--protocol",
                "SMTP",
                "--helo",
                "fax")
            .succeeded();
    assertThat(run.output()).contains("-> HELO fax").doesNotContain("EHLO");
    assertThat(office.awaitVersion(Mail.SMTP, account)).isEqualTo("TLSv1.3");
    assertThat(letter.isWholeIn(Letter.read(office.awaitMail(account)))).isTrue();
    countsPlaintext(before, mark, "open", Mail.SMTP);
  }

  @Test
  void acceptsMailAfterHeloWithinTls() {
    Account account = office.newAccount();
    Letter letter = Letter.small(account);
    Visit visit =
        new SwaksDevice(lab, "TLSv1", "--protocol", "SMTPS", "--helo", "fax")
            .visit(Way.fixed(daemon, "open", Mail.SMTP, TlsForm.IMPLICIT), account, letter);
    assertThat(visit.version()).isEqualTo("TLSv1");
    assertThat(visit.run().output()).contains("~> HELO fax").doesNotContain("EHLO");
    assertThat(office.awaitVersion(Mail.SMTP, account)).isEqualTo("TLSv1.3");
  }

  @ParameterizedTest
  @EnumSource
  void acceptsMailAfterHeloAndStartTls(TlsForm upstream) {
    String listener = upstream == TlsForm.IMPLICIT ? "smtps" : "smtp";
    new MailExchange(daemon, office, "TLSv1.3")
        .by(
            new PythonMailDevice(lab, "TLSv1", "HELO"),
            Way.fixed(daemon, listener, Mail.SMTP, TlsForm.STARTTLS),
            listener);
  }

  @ParameterizedTest
  @EnumSource
  void servesDevicesWithTlsOnTheSamePort(TlsForm form) {
    for (Mail mail : Mail.values()) {
      new MailExchange(daemon, office, "TLSv1.3")
          .by(
              new CurlMailDevice(lab, "1.0"),
              Way.fixed(daemon, mail.label(), mail, form),
              mail.label());
    }
  }

  private static void countsPlaintext(Metrics before, int mark, String listener, Mail mail) {
    String name = "tlsuplift_plaintext_sessions_total";
    daemon.awaitIncrease(before, 1, name, "listener", listener, "protocol", mail.label());
    daemon.awaitIncrease(
        before, 1, "tlsuplift_sessions_total", "listener", listener, "action", "bridge");
    daemon.awaitIncrease(before, 0, "tlsuplift_downstream_handshakes_total");
    daemon.awaitOutput(mark, "does not encrypt");
    assertThat(daemon.output().substring(mark))
        .as("the operator is warned")
        .containsPattern("WARN.*does not encrypt.*listener=\"?" + listener + "\\b");
  }
}
