package org.tlsuplift.server.it.signin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.tlsuplift.server.it.lab.Account;
import org.tlsuplift.server.it.lab.CommandLineRun;
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

/** A backup of a running daemon makes the same daemon of another directory. */
class SignInBackupIT {
  @RegisterExtension static final Lab lab = new Lab();

  private static Run run(String... arguments) {
    return Run.of(Daemon.jar(arguments));
  }

  private static Way way(Daemon daemon) {
    return Way.fixed(daemon, "smtp-starttls", Mail.SMTP, TlsForm.STARTTLS);
  }

  @Test
  void theRestoredDaemonHasTheSameCaAndDevicesAndSignsIn() throws IOException {
    CloudTenant tenant = CloudTenant.start(lab);
    PostOffice office = tenant.officeForUsers();
    MailListener listener =
        MailListener.signingIn(TlsForm.STARTTLS, office.origin(Mail.SMTP, TlsForm.STARTTLS));
    String yaml =
        tenant.yaml("flow: device-code", LocalLogins.create().accounts(1), listener)
            + "inventory: {flushInterval: 100ms}\n";
    Daemon daemon = Daemon.start(lab, yaml);
    Account account = LocalLogins.account(0);
    String mailbox = LocalLogins.mailbox(0).address();
    CurlMailDevice curl = new CurlMailDevice(lab, "1.0");
    BrowserUser.signIn(daemon, tenant, mailbox);
    await("the daemon to send for " + mailbox)
        .atMost(Duration.ofSeconds(20))
        .until(() -> curl.attempt(way(daemon), account, Letter.small(account)).exit() == 0);
    await("the device in the inventory")
        .atMost(Duration.ofSeconds(20))
        .until(() -> devices(daemon.folder()).contains("127.0.0.1"));
    Path passphrase = Lab.privately(lab.file("passphrase", "correct horse battery staple\n"));
    String fingerprint = fingerprint(daemon.folder());
    Path backup = daemon.folder().resolve("backup.pgp");

    assertThat(
            run(
                    "backup",
                    backup.toString(),
                    "--config",
                    Daemon.config(daemon.folder()).toString(),
                    "--passphrase-file",
                    passphrase.toString())
                .succeeded()
                .output())
        .contains("encrypted for the passphrase");
    Run intoRunning =
        run("restore", backup.toString(), "--force", "--passphrase-file", passphrase.toString());
    assertThat(intoRunning.exit()).as(intoRunning.toString()).isEqualTo(1);
    assertThat(intoRunning.output()).contains("a daemon uses " + Daemon.data(daemon.folder()));
    daemon.terminate();
    assertThat(daemon.awaitExit(Duration.ofSeconds(15))).isZero();

    Path moved = lab.directory("moved");
    Run restored =
        run(
                "restore",
                backup.toString(),
                "--data-directory",
                Daemon.data(moved).toString(),
                "--files-to",
                lab.directory("root").toString(),
                "--passphrase-file",
                passphrase.toString())
            .succeeded();
    assertThat(restored.output()).contains(fingerprint, "tls-uplift.yaml");
    Daemon next = Daemon.start(lab, Machine.HERE, moved, yaml);

    assertThat(fingerprint(moved)).isEqualTo(fingerprint);
    assertThat(devices(moved)).contains("127.0.0.1");
    Letter letter = Letter.small(account);
    curl.visit(way(next), account, letter);
    office.awaitWhole(account, letter);
  }

  private static String devices(Path folder) {
    return CommandLineRun.of("devices", "--config", Daemon.config(folder).toString()).output();
  }

  private static String fingerprint(Path folder) {
    return CommandLineRun.of("ca", "show", "--config", Daemon.config(folder).toString())
        .succeeded()
        .find(Pattern.compile("SHA-256 +([0-9A-F:]+)"));
  }
}
