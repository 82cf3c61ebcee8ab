package org.tlsuplift.server.it.signin;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.tlsuplift.server.it.lab.Account;
import org.tlsuplift.server.it.lab.Child;
import org.tlsuplift.server.it.lab.CommandLineRun;
import org.tlsuplift.server.it.lab.Daemon;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.TestCa;
import org.tlsuplift.server.it.mail.MailDevice.Way;
import org.tlsuplift.server.it.mail.MailListener;
import org.tlsuplift.server.it.mail.OpensslMailDevice;
import org.tlsuplift.server.it.peer.Letter;
import org.tlsuplift.server.it.peer.Mail;
import org.tlsuplift.server.it.peer.MailOrigin;
import org.tlsuplift.server.it.peer.OriginVersions;
import org.tlsuplift.server.it.peer.PostOffice;
import org.tlsuplift.server.it.peer.TlsForm;

/** A TLS 1.0 device is in the middle of a message when its account or its network is removed. */
class RemovedAccountIT {
  @RegisterExtension static final Lab lab = new Lab();

  private static final Duration SECONDS = Duration.ofSeconds(20);
  private static final String KEPT = "127.0.0.3";
  private static final String REMOVED = "127.0.0.7";

  private static PostOffice office;
  private static Daemon daemon;

  @BeforeAll
  static void start() {
    TestCa ca = new TestCa(lab);
    office = PostOffice.start(lab, ca.issue("localhost"), OriginVersions.MODERN);
    MailOrigin origin = office.origin(Mail.SMTP, TlsForm.STARTTLS);
    Path password =
        Lab.privately(lab.file("relay.password", office.newAccount().password() + "\n"));
    LocalLogins logins = LocalLogins.create();
    List<String> accounts = new ArrayList<>();
    for (String login : List.of("one", "two")) {
      accounts.add(
          logins.line(
              login,
              LocalLogins.mailbox(accounts.size()).address(),
              ", upstream: {origin: \"%s\", passwordFile: \"%s\"}"
                  .formatted(origin.byName(), password)));
    }
    Path file =
        Lab.privately(
            lab.file("accounts.yaml", "accounts:\n  - " + String.join("\n  - ", accounts) + "\n"));
    daemon =
        Daemon.start(
            lab,
            MailListener.yaml(ca, MailListener.signingIn(TlsForm.STARTTLS, origin))
                + "signIn: {accountsFile: \"%s\"}\n".formatted(file)
                + "devices: {allow: [%s/32, %s/32]}\n".formatted(KEPT, REMOVED));
  }

  /** A device that has sent half of a message. */
  private static Child sending(String login, String address, Account to) {
    List<String> command =
        new ArrayList<>(
            new OpensslMailDevice("-tls1")
                .command(Way.fixed(daemon, "smtp-starttls", Mail.SMTP, TlsForm.STARTTLS)));
    command.addAll(List.of("-bind", address + ":0"));
    Child device = lab.add(Child.start(new ProcessBuilder(command)));
    type(device, "EHLO device.example", "250.AUTH [A-Z ]*PLAIN");
    type(device, "AUTH PLAIN " + new Account(login, LocalLogins.PASSWORD).plain(), "235 ");
    String at = to.address();
    type(device, "MAIL FROM:<" + at + ">\r\nRCPT TO:<" + at + ">\r\nDATA", "354 ");
    device.type("Subject: half\r\n\r\nhalf of a message\r\n");
    return device;
  }

  private static void type(Child device, String line, String reply) {
    device.type(line + "\r\n");
    device.awaitOutput(Pattern.compile("(?m)^" + reply));
  }

  private static void finish(Child device, Account to) {
    type(device, ".", "250 .*(queued|OK <)");
    assertThat(Letter.read(office.awaitMail(to))).contains("half of a message");
  }

  @Test
  void theMessageOfARemovedAccountAndOfARemovedNetworkIsNotSent() throws Exception {
    Account first = office.newAccount();
    Account second = office.newAccount();
    Account third = office.newAccount();
    Child removed = sending("one", KEPT, first);
    Child astray = sending("two", REMOVED, second);
    Child kept = sending("two", KEPT, third);
    int mark = daemon.mark();

    CommandLineRun.of(
            "accounts", "remove", "one", "--config", Daemon.config(daemon.folder()).toString())
        .succeeded();

    removed.awaitExit(SECONDS);
    assertThat(daemon.awaitSessionLine(mark, "reason", "access_revoked", "device", KEPT))
        .contains("session ended: account " + LocalLogins.mailbox(0).address() + " was removed");

    daemon.reload(config -> config.replace(", " + REMOVED + "/32", ""));

    astray.awaitExit(SECONDS);
    daemon.awaitSessionLine(mark, "reason", "access_revoked", "device", REMOVED);
    finish(kept, third);
    assertThat(daemon.metrics().sum("tlsuplift_sessions_total", "reason", "access_revoked"))
        .isEqualTo(2);
    assertThat(office.hasMail(first)).isFalse();
    assertThat(office.hasMail(second)).isFalse();
  }
}
