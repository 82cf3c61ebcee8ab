package org.tlsuplift.server.it.mail;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.tlsuplift.server.it.lab.Account;
import org.tlsuplift.server.it.lab.Daemon;
import org.tlsuplift.server.it.lab.Identity;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Run;
import org.tlsuplift.server.it.lab.TestCa;
import org.tlsuplift.server.it.mail.MailDevice.Way;
import org.tlsuplift.server.it.peer.Letter;
import org.tlsuplift.server.it.peer.Mail;
import org.tlsuplift.server.it.peer.OriginVersions;
import org.tlsuplift.server.it.peer.PostOffice;
import org.tlsuplift.server.it.peer.PostfixPort;
import org.tlsuplift.server.it.peer.TlsForm;

/** A device without a password sends through a Postfix that wants a certificate, as a connector. */
class MailConnectorIT {
  @RegisterExtension static final Lab lab = new Lab();

  private static Daemon daemon;
  private static PostOffice office;

  @BeforeAll
  static void start() {
    TestCa ca = new TestCa(lab);
    TestCa customers = new TestCa(lab, "Customers of the test");
    PostfixPort connector = PostfixPort.connector(customers.file());
    PostfixPort another = PostfixPort.connector(customers.file());
    Identity site = customers.issue("site.corp.example");
    office =
        PostOffice.start(lab, ca.issue("localhost"), OriginVersions.MODERN, connector, another);
    String listener =
        "  - {name: %s, bind: \"127.0.0.1:0\", accept: fixed, origin: \"%s\", profile: legacy,"
            + " protocol: smtp, downstreamTls: optional, upstreamTls: starttls,"
            + " allowPlaintext: true, mail: {allowedSenders: [\"@%s\"]}}\n";
    daemon =
        Daemon.start(
            lab,
            "listeners:\n"
                + listener.formatted("connector", connector.byName(), Account.DOMAIN)
                + listener.formatted("anonymous", another.byName(), Account.DOMAIN)
                + """
                routes:
                  - to: ["%s"]
                    action: bridge
                    clientCertificate: {certificate: "%s", key: "%s"}
                  - {to: ["%s"], action: bridge}
                upstream: {trust: "%s"}
                """
                    .formatted(
                        connector.byName(),
                        site.certificateFile(),
                        site.keyFile(),
                        another.byName(),
                        ca.file()));
  }

  @Test
  void acceptsMailWithoutPasswordAndCertificate() {
    for (TlsForm form : TlsForm.values()) {
      Account account = office.newAccount();
      Letter letter = Letter.small(account);
      SwaksDevice swaks = new SwaksDevice(lab, "TLSv1");
      MailDevice.Visit visit =
          swaks.visit(Way.fixed(daemon, "connector", Mail.SMTP, form), account, letter);
      assertThat(visit.version()).isEqualTo("TLSv1");
      presentsTheCertificate(account, letter);
    }
  }

  @Test
  void acceptsMailOfADeviceWithoutTls() {
    Account account = office.newAccount();
    Letter letter = Letter.small(account);
    new SwaksDevice(lab, "TLSv1")
        .attemptInPlaintext(
            Way.fixed(daemon, "connector", Mail.SMTP, TlsForm.STARTTLS),
            account,
            letter,
            "--protocol",
            "SMTP",
            "--helo",
            "fax")
        .succeeded();
    presentsTheCertificate(account, letter);
  }

  @Test
  void isRefusedWithoutTheCertificate() {
    Account account = office.newAccount();
    Run run =
        new SwaksDevice(lab, "TLSv1")
            .attempt(
                Way.fixed(daemon, "anonymous", Mail.SMTP, TlsForm.IMPLICIT),
                account,
                Letter.small(account));
    assertThat(run.exit()).as(run.toString()).isNotZero();
    assertThat(office.hasMail(account)).isFalse();
  }

  @Test
  void metricsShowTheExpiryOfTheCertificate() {
    assertThat(daemon.metrics().sum("tlsuplift_client_certificate_expiry_seconds"))
        .isGreaterThan(System.currentTimeMillis() / 1000);
  }

  private static void presentsTheCertificate(Account account, Letter letter) {
    String content = Letter.read(office.awaitMail(account));
    assertThat(letter.isWholeIn(content)).as(content).isTrue();
    assertThat(content)
        .contains("using TLSv1.3 with cipher")
        .contains("Client CN \"site.corp.example\"")
        .contains("(verified OK)");
    assertThat(content).doesNotContain("Authenticated sender");
  }
}
