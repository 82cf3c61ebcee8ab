package org.tlsuplift.server.it.mail.rules;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tlsuplift.server.it.lab.Account;
import org.tlsuplift.server.it.lab.Daemon;
import org.tlsuplift.server.it.lab.Identity;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.TestCa;
import org.tlsuplift.server.it.mail.MailDevice;
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
import org.tlsuplift.server.it.peer.TlsForm;

/** Postfix and Exim get the new sender, and everything else as the program sent it. */
class RewriteFromIT {
  @RegisterExtension static final Lab lab = new Lab();

  private static final String NEW = "scanner@corp.example";

  private static PostOffice office;
  private static Exim exim;
  private static Daemon daemon;

  @BeforeAll
  static void start() {
    TestCa ca = new TestCa(lab);
    Identity identity = ca.issue("localhost");
    office = PostOffice.start(lab, identity, OriginVersions.MODERN);
    exim = Exim.start(lab, identity);
    daemon =
        Daemon.start(
            lab,
            MailListener.yaml(
                ca,
                listener("office", office.origin(Mail.SMTP, TlsForm.STARTTLS).byName()),
                listener("exim", exim.byName(TlsForm.STARTTLS))));
  }

  private static MailListener listener(String name, String origin) {
    return new MailListener(
        name,
        Mail.SMTP,
        "starttls",
        TlsForm.STARTTLS,
        origin,
        ", mail: {repairLineEnds: true, rewriteFrom: {address: " + NEW + ", replyTo: original}}");
  }

  private static Stream<MailDevice> programs() {
    return Stream.of(
        new SwaksDevice(lab, "TLSv1", "--auth", "LOGIN"),
        new MsmtpDevice(lab, "TLS1.0"),
        new NodemailerDevice(lab),
        new PythonMailDevice(lab, "TLSv1", "EHLO"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("programs")
  void everythingElseArrives(MailDevice device) {
    for (int bytes : List.of(0, 300_000)) {
      Account account = office.newAccount();
      Letter letter = bytes == 0 ? Letter.small(account) : Letter.scan(account, bytes);

      device.visit(way("office"), account, letter);

      String mail = Letter.read(office.awaitMail(account));
      assertThat(rewritten(letter, account).isWholeIn(mail)).as(mail).isTrue();
      assertThat(mail).contains("Return-Path: <" + NEW + ">");
    }
  }

  @Test
  void eximGetsItToo() {
    Account account = exim.newAccount();
    Letter letter = Letter.scan(account, 300_000);

    new SwaksDevice(lab, "TLSv1").visit(way("exim"), account, letter);

    String mail = Letter.read(exim.awaitMail(account));
    assertThat(rewritten(letter, account).isWholeIn(mail)).isTrue();
    assertThat(mail).contains("(envelope-from <" + NEW + ">)");
  }

  private static Letter rewritten(Letter letter, Account account) {
    String old = "Scanner <" + account.address() + ">\n";
    String content =
        letter.content().replace("From: " + old, "From: Scanner <" + NEW + ">\nReply-To: " + old);
    assertThat(content).isNotEqualTo(letter.content());
    return new Letter(content, letter.marker());
  }

  private static Way way(String listener) {
    return Way.fixed(daemon, listener, Mail.SMTP, TlsForm.STARTTLS);
  }
}
