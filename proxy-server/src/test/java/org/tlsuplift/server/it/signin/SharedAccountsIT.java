package org.tlsuplift.server.it.signin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.tlsuplift.proxy.model.Digests;
import org.tlsuplift.server.it.lab.Account;
import org.tlsuplift.server.it.lab.Child;
import org.tlsuplift.server.it.lab.CommandLineRun;
import org.tlsuplift.server.it.lab.Daemon;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Loopback;
import org.tlsuplift.server.it.lab.Peers;
import org.tlsuplift.server.it.lab.Run;
import org.tlsuplift.server.it.lab.TestCa;
import org.tlsuplift.server.it.mail.CurlMailDevice;
import org.tlsuplift.server.it.mail.MailDevice.Way;
import org.tlsuplift.server.it.mail.MailListener;
import org.tlsuplift.server.it.mail.OpensslMailDevice;
import org.tlsuplift.server.it.peer.Letter;
import org.tlsuplift.server.it.peer.Mail;
import org.tlsuplift.server.it.peer.MailOrigin;
import org.tlsuplift.server.it.peer.OriginVersions;
import org.tlsuplift.server.it.peer.PostOffice;
import org.tlsuplift.server.it.peer.TlsForm;
import org.tlsuplift.server.signin.PasswordHash;
import org.tlsuplift.server.testing.AtOnce;
import org.tlsuplift.server.testing.Postgres;

/** An account that is added or removed at one instance is so at the others. */
class SharedAccountsIT {
  private static final String PASSWORD = "blue stapler";

  @RegisterExtension static final Lab lab = new Lab();

  @Test
  void anAccountOfOneInstanceSignsInAtTheOther() {
    CompletableFuture<Postgres> database = AtOnce.supply(() -> lab.add(Postgres.start()));
    TestCa ca = new TestCa(lab);
    PostOffice office = PostOffice.start(lab, ca.issue("localhost"), OriginVersions.MODERN);
    MailOrigin origin = office.origin(Mail.SMTP, TlsForm.STARTTLS);
    Path password =
        Lab.privately(lab.file("relay.password", office.newAccount().password() + "\n"));
    Postgres postgres = database.join();
    String token = "tlsuplift_help_desk";
    Path key = Lab.privately(lab.file("shared.key", "0123456789abcdef0123456789abcdef"));
    String yaml =
        MailListener.yaml(ca, MailListener.signingIn(TlsForm.STARTTLS, origin))
            + "database: {url: \"%s\", user: %s, passwordFile: \"%s\", keyFile: \"%s\"}\n"
                .formatted(postgres.url(), postgres.user(), postgres.passwordFile(), key)
            + """
              admin:
                bind: "127.0.0.1:0"
                users: [{name: ops, role: operator, passwordHash: '%s'}]
                tokens: [{name: desk, role: operator, sha256: %s}]
              """
                .formatted(
                    PasswordHash.of("any".toCharArray()).encoded(),
                    HexFormat.of()
                        .formatHex(
                            Digests.sha256().digest(token.getBytes(StandardCharsets.US_ASCII))));
    CompletableFuture<Daemon> starting =
        AtOnce.supply(() -> Daemon.start(lab, yaml + accountsIn(lab.directory("one"))));
    Daemon other = Daemon.start(lab, yaml + accountsIn(lab.directory("other")));
    Daemon one = starting.join();
    Account mailbox = LocalLogins.mailbox(2);

    String[] account = {
      "--mailbox",
      mailbox.address(),
      "--upstream-origin",
      origin.byName(),
      "--upstream-password-file",
      password.toString(),
      "--password-stdin"
    };

    add(one, "scanner", account).succeeded();

    await("the account at the other instance")
        .atMost(Duration.ofSeconds(30))
        .until(() -> attempt(other, mailbox).exit() == 0);

    int disabling = one.mark();
    Child signedIn = open(one);
    change(other, token, "account=scanner&disabled=true");
    signedIn.awaitExit();
    one.awaitSessionLine(disabling, "reason", "access_revoked");
    change(other, token, "account=scanner&disabled=false");
    await("the account is enabled at the first instance")
        .atMost(Duration.ofSeconds(30))
        .until(() -> attempt(one, mailbox).exit() == 0);

    int byCommand = one.mark();
    Child connected = open(one);
    assertThat(switched(other, "disable"))
        .isEqualTo(
            "disabled: scanner\nA running daemon reads the file within seconds."
                + " It refuses their devices and ends their open sessions.\n");
    connected.awaitExit();
    one.awaitSessionLine(byCommand, "reason", "access_revoked");
    assertThat(switched(other, "enable")).startsWith("enabled: scanner\n");
    await("the account is enabled by a command")
        .atMost(Duration.ofSeconds(30))
        .until(() -> attempt(one, mailbox).exit() == 0);

    int mark = one.mark();
    Child open = open(one);
    CommandLineRun.of(
            "accounts", "remove", "scanner", "--config", Daemon.config(other.folder()).toString())
        .succeeded();
    open.awaitExit();
    one.awaitSessionLine(mark, "reason", "access_revoked");
    await("the removal at the first instance")
        .atMost(Duration.ofSeconds(30))
        .until(() -> attempt(one, mailbox).output().contains("< 535 5.7.8 "));

    // A new instance has the accounts before its ports are open.
    add(one, "fax", account).succeeded();
    await("the account in the database")
        .atMost(Duration.ofSeconds(30))
        .until(() -> postgres.ask("SELECT version FROM uplift_accounts").contains("7"));
    Daemon fresh = Daemon.start(lab, yaml + accountsIn(lab.directory("fresh")));
    assertThat(attempt(fresh, "fax", mailbox).exit()).isZero();
  }

  private static String switched(Daemon daemon, String command) {
    return CommandLineRun.of(
            "accounts", command, "scanner", "--config", Daemon.config(daemon.folder()).toString())
        .succeeded()
        .output();
  }

  /** A device that has signed in and stays connected. */
  private static Child open(Daemon daemon) {
    Child device =
        lab.add(
            Child.start(
                new ProcessBuilder(
                    new OpensslMailDevice("-tls1")
                        .command(
                            Way.fixed(daemon, "smtp-starttls", Mail.SMTP, TlsForm.STARTTLS)))));
    device.type("EHLO device.example\r\n");
    device.awaitOutput(Pattern.compile("(?m)^250.AUTH "));
    device.type("AUTH PLAIN " + new Account("scanner", PASSWORD).plain() + "\r\n");
    device.awaitOutput(Pattern.compile("(?m)^235 "));
    return device;
  }

  /** Changes an account as a program of the help desk does. */
  private static void change(Daemon daemon, String token, String form) {
    Run.of(
            List.of(
                Peers.require("curl"),
                "-sSf",
                "-H",
                "Authorization: Bearer " + token,
                "--data",
                form,
                "http://" + Loopback.text(daemon.admin()) + "/api/accounts/change"))
        .succeeded();
  }

  private static String accountsIn(Path folder) {
    return "signIn: {accountsFile: \"%s\", shareAccounts: true}\n"
        .formatted(folder.resolve("accounts.yaml"));
  }

  private static Run add(Daemon daemon, String login, String... account) {
    List<String> command = Daemon.jar("accounts", "add", login);
    command.addAll(List.of(account));
    command.addAll(List.of("--config", Daemon.config(daemon.folder()).toString()));
    return Run.of(command, Map.of(), PASSWORD + "\n");
  }

  private static Run attempt(Daemon daemon, Account mailbox) {
    return attempt(daemon, "scanner", mailbox);
  }

  private static Run attempt(Daemon daemon, String login, Account mailbox) {
    return new CurlMailDevice(lab, "1.0")
        .attempt(
            Way.fixed(daemon, "smtp-starttls", Mail.SMTP, TlsForm.STARTTLS),
            new Account(login, PASSWORD),
            Letter.small(mailbox));
  }
}
