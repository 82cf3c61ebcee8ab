package org.tlsuplift.server.it.mail;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.tlsuplift.server.it.lab.Account;
import org.tlsuplift.server.it.lab.Daemon;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.TestCa;
import org.tlsuplift.server.it.mail.MailDevice.Visit;
import org.tlsuplift.server.it.mail.MailDevice.Way;
import org.tlsuplift.server.it.peer.Letter;
import org.tlsuplift.server.it.peer.Mail;
import org.tlsuplift.server.it.peer.OriginVersions;
import org.tlsuplift.server.it.peer.PostOffice;
import org.tlsuplift.server.it.peer.TlsForm;

/** A scan of 25 MB goes through byte for byte, to the mailbox and from it. */
class MailDeliveryIT {
  @RegisterExtension static final Lab lab = new Lab();

  private static final int SCAN = 25 * 1024 * 1024;

  private static Daemon daemon;
  private static PostOffice office;

  @BeforeAll
  static void start() {
    TestCa ca = new TestCa(lab);
    office = PostOffice.start(lab, ca.issue("localhost"), OriginVersions.MODERN);
    daemon =
        Daemon.start(
            lab,
            MailListener.yaml(
                ca,
                MailListener.to(office.origin(Mail.SMTP, TlsForm.STARTTLS), "optional", ""),
                MailListener.to(office.origin(Mail.SMTP, TlsForm.IMPLICIT), "starttls", ""),
                MailListener.to(office.origin(Mail.IMAP, TlsForm.STARTTLS), "optional", ""),
                MailListener.to(office.origin(Mail.POP3, TlsForm.STARTTLS), "optional", "")));
  }

  private static Stream<Arguments> senders() {
    MailDevice swaks = new SwaksDevice(lab, "TLSv1", "--auth", "LOGIN");
    MailDevice curl = new CurlMailDevice(lab, "1.0");
    return Stream.of(
        Arguments.of(swaks, TlsForm.IMPLICIT, "smtp-optional-starttls"),
        Arguments.of(new MsmtpDevice(lab, "TLS1.0"), TlsForm.STARTTLS, "smtp-starttls-implicit"),
        Arguments.of(curl, TlsForm.STARTTLS, "smtp-optional-starttls"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("senders")
  void deliversAScanToTheMailbox(MailDevice device, TlsForm form, String listener) {
    Account account = office.newAccount();
    Letter scan = Letter.scan(account, SCAN);
    Visit visit = device.visit(Way.fixed(daemon, listener, Mail.SMTP, form), account, scan);
    assertThat(visit.version()).isEqualTo("TLSv1");
    String stored = Letter.read(office.awaitMail(account));
    if (device instanceof SwaksDevice) {
      // It ends whatever it sends with an empty line.
      stored = stored.substring(0, stored.length() - 1);
    }
    assertThat(scan.ends(stored, "\n")).as("ends with the whole scan").isTrue();
    String added = stored.substring(0, stored.length() - scan.content().length());
    assertThat(added).contains("using TLSv1.3 with cipher").endsWith("\n");
    assertThat(added.lines()).as("what Postfix adds in front").hasSizeLessThan(12);
  }

  private static Stream<Arguments> readers() {
    return Stream.of(new CurlMailDevice(lab, "1.0"), new PythonMailDevice(lab, "TLSv1", "EHLO"))
        .flatMap(
            device ->
                Stream.of(
                    Arguments.of(device, Mail.IMAP, TlsForm.IMPLICIT),
                    Arguments.of(device, Mail.POP3, TlsForm.STARTTLS)));
  }

  @ParameterizedTest(name = "{0} by {1} {2}")
  @MethodSource("readers")
  void fetchesAScanFromTheMailbox(MailDevice device, Mail mail, TlsForm form) {
    Account account = office.newAccount();
    Letter scan = Letter.scan(account, SCAN);
    office.put(account, scan);
    Way way = Way.fixed(daemon, mail.label() + "-optional-starttls", mail, form);
    Visit visit = device.visit(way, account, scan);
    assertThat(visit.version()).isEqualTo("TLSv1");
    assertThat(visit.received().equals(scan.content().replace("\n", "\r\n")))
        .as("is exactly the scan")
        .isTrue();
    assertThat(office.awaitVersion(mail, account)).isEqualTo("TLSv1.3");
  }
}
