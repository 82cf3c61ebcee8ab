package org.tlsuplift.server.it.signin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.tlsuplift.server.it.lab.Account;
import org.tlsuplift.server.it.lab.Daemon;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Machine;
import org.tlsuplift.server.it.lab.Run;
import org.tlsuplift.server.it.mail.CurlMailDevice;
import org.tlsuplift.server.it.mail.MailDevice.Way;
import org.tlsuplift.server.it.mail.MailListener;
import org.tlsuplift.server.it.peer.Letter;
import org.tlsuplift.server.it.peer.Mail;
import org.tlsuplift.server.it.peer.PostOffice;
import org.tlsuplift.server.it.peer.TlsForm;

/** A user who signs in once for a mailbox, in a browser, by a code from the command line. */
class SignInBrowserIT {
  @RegisterExtension static final Lab lab = new Lab();

  @Test
  void sendsForASignedInUserBeforeAndAfterARestart() throws IOException {
    CloudTenant tenant = CloudTenant.start(lab);
    PostOffice office = tenant.officeForUsers();
    MailListener listener =
        MailListener.signingIn(TlsForm.STARTTLS, office.origin(Mail.SMTP, TlsForm.STARTTLS));
    String yaml = tenant.yaml("flow: device-code", LocalLogins.create().accounts(3), listener);
    Daemon daemon = Daemon.start(lab, yaml);
    Account account = LocalLogins.account(0);
    String mailbox = LocalLogins.mailbox(0).address();
    CurlMailDevice curl = new CurlMailDevice(lab, "1.0");

    Run tooEarly = curl.attempt(way(daemon), account, Letter.small(account));
    assertThat(tooEarly.exit()).as(tooEarly.toString()).isNotZero();

    BrowserUser.signInByTheJar(lab, daemon, tenant, mailbox);

    Letter first = Letter.small(account);
    await("the daemon to send for " + mailbox)
        .atMost(Duration.ofSeconds(20))
        .until(() -> curl.attempt(way(daemon), account, first).exit() == 0);
    String received = Letter.read(office.awaitMail(account));
    assertThat(first.isWholeIn(received)).as(received).isTrue();
    assertThat(received).contains("(Authenticated sender: " + mailbox + ")");
    assertNothingIssuedIsReadable(tenant, daemon.folder());

    daemon.terminate();
    assertThat(daemon.awaitExit(Duration.ofSeconds(15))).isZero();
    Daemon next = Daemon.start(lab, Machine.HERE, daemon.folder(), yaml);
    curl.visit(way(next), account, Letter.small(account));
    assertNothingIssuedIsReadable(tenant, next.folder());
  }

  private static Way way(Daemon daemon) {
    return Way.fixed(daemon, "smtp-starttls", Mail.SMTP, TlsForm.STARTTLS);
  }

  private static void assertNothingIssuedIsReadable(CloudTenant tenant, Path folder)
      throws IOException {
    assertThat(tenant.platform().issued()).isNotEmpty();
    List<Path> files;
    try (Stream<Path> all = Files.walk(folder)) {
      files = all.filter(Files::isRegularFile).toList();
    }
    for (Path file : files) {
      String content = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
      for (String token : tenant.platform().issued()) {
        assertThat(content.contains(token)).as("a token in " + file).isFalse();
      }
    }
  }
}
