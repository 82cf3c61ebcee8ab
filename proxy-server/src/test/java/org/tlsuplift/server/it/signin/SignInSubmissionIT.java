package org.tlsuplift.server.it.signin;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.tlsuplift.server.it.lab.Account;
import org.tlsuplift.server.it.lab.Daemon;
import org.tlsuplift.server.it.lab.Identity;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Loopback;
import org.tlsuplift.server.it.lab.Machine;
import org.tlsuplift.server.it.mail.MailDevice.Way;
import org.tlsuplift.server.it.mail.MailListener;
import org.tlsuplift.server.it.mail.SwaksDevice;
import org.tlsuplift.server.it.peer.DovecotSubmission;
import org.tlsuplift.server.it.peer.Letter;
import org.tlsuplift.server.it.peer.Mail;
import org.tlsuplift.server.it.peer.PostfixSink;
import org.tlsuplift.server.it.peer.TlsForm;
import org.tlsuplift.server.it.peer.Verifier;

/** Devices that know passwords, at Dovecot's own server for taking mail, which knows tokens. */
class SignInSubmissionIT {
  @RegisterExtension static final Lab lab = new Lab();

  @Test
  void sendsByDovecotInBothFormsOfTls() {
    CloudTenant tenant = CloudTenant.start(lab);
    Identity identity = tenant.ca().issue("localhost");
    InetSocketAddress next = new InetSocketAddress(Loopback.V4, Loopback.freePort(Loopback.V4));
    PostfixSink sink = PostfixSink.start(lab, Machine.HERE, Map.of(next, identity));
    Verifier verifier =
        Verifier.applicationTokens(
            tenant.platform().introspectionUrl(), lab.file("closed-mailboxes", ""));
    DovecotSubmission dovecot = DovecotSubmission.start(lab, identity, verifier, next);
    Daemon daemon =
        Daemon.start(
            lab,
            tenant.yaml(
                tenant.bySecret(),
                LocalLogins.create().accounts(2),
                MailListener.signingIn(TlsForm.STARTTLS, dovecot.origin(TlsForm.IMPLICIT)),
                MailListener.signingIn(TlsForm.IMPLICIT, dovecot.origin(TlsForm.STARTTLS))));

    int number = 0;
    for (TlsForm form : TlsForm.values()) {
      Account account = LocalLogins.account(number);
      new SwaksDevice(lab, "TLSv1", "--auth", "LOGIN")
          .visit(
              Way.fixed(daemon, "smtp-" + form.label(), Mail.SMTP, form),
              account,
              Letter.small(account));

      assertThat(dovecot.awaitVersion(LocalLogins.mailbox(number).address())).isEqualTo("TLSv1.3");
      Pattern taken =
          Pattern.compile("to=<" + Pattern.quote(account.address()) + ">.* status=sent");
      Awaitility.await("mail for " + account.address())
          .atMost(Duration.ofSeconds(15))
          .until(() -> taken.matcher(sink.log()).find());
      number++;
    }
  }
}
