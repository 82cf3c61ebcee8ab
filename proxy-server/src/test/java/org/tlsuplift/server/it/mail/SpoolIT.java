package org.tlsuplift.server.it.mail;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlsuplift.server.it.lab.Account;
import org.tlsuplift.server.it.lab.CommandLineRun;
import org.tlsuplift.server.it.lab.Daemon;
import org.tlsuplift.server.it.lab.Identity;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Machine;
import org.tlsuplift.server.it.lab.Run;
import org.tlsuplift.server.it.lab.TestCa;
import org.tlsuplift.server.it.mail.MailDevice.Way;
import org.tlsuplift.server.it.peer.Letter;
import org.tlsuplift.server.it.peer.Mail;
import org.tlsuplift.server.it.peer.OriginVersions;
import org.tlsuplift.server.it.peer.PostOffice;
import org.tlsuplift.server.it.peer.Postfix;
import org.tlsuplift.server.it.peer.PostfixPort;
import org.tlsuplift.server.it.peer.TlsForm;
import org.tlsuplift.server.testing.Postgres;

/** Mail that the daemon has kept arrives at a real Postfix, whatever happens to the daemon. */
class SpoolIT {
  @RegisterExtension static final Lab lab = new Lab();

  private static final Pattern KEPT =
      Pattern.compile("250 2\\.0\\.0 TLS Uplift keeps and delivers the message as (\\w+)");

  private static TestCa ca;
  private static Identity identity;

  @BeforeAll
  static void createIdentity() {
    ca = new TestCa(lab);
    identity = ca.issue("localhost");
  }

  private static String yaml(PostfixPort port, String mail, String more) {
    return MailListener.yaml(
            ca,
            new MailListener("scan", Mail.SMTP, "optional", TlsForm.STARTTLS, port.byName(), mail))
        + more;
  }

  private static Run send(Daemon daemon, Account account, Letter letter, String... more) {
    return new SwaksDevice(lab, "TLSv1")
        .with(more)
        .attempt(Way.fixed(daemon, "scan", Mail.SMTP, TlsForm.STARTTLS), account, letter);
  }

  private static PostOffice open(PostfixPort port) {
    return PostOffice.start(lab, identity, OriginVersions.MODERN, port);
  }

  private static void arrives(PostOffice office, Account account, Letter letter, String id) {
    String stored = Letter.read(office.awaitMail(account));
    assertThat(stored)
        .contains(letter.content())
        .contains("(TLS Uplift)")
        .contains("id " + id + ";")
        .contains("using TLSv1.3 with cipher");
  }

  @ParameterizedTest
  @ValueSource(strings = {"always", "unavailable"})
  void deliversAfterItWasKilled(String when) throws Exception {
    PostfixPort port = PostfixPort.open();
    Path folder = lab.directory("daemon");
    String yaml = yaml(port, ", mail: {spool: {when: " + when + "}}", "");
    Daemon daemon = Daemon.start(lab, Machine.HERE, folder, yaml);
    Account account = new Account(Postfix.address(0), "");
    Letter letter = Letter.small(account);
    String id = send(daemon, account, letter).succeeded().find(KEPT);
    daemon.kill();
    String list =
        CommandLineRun.of("spool", "list", "-c", Daemon.config(folder).toString())
            .succeeded()
            .output();
    assertThat(list).contains(id, account.address());

    PostOffice office = open(port);
    Daemon next = Daemon.start(lab, Machine.HERE, folder, yaml);
    CommandLineRun.of("spool", "retry", id, "-c", Daemon.config(folder).toString());
    // A claim of the killed daemon ends after a minute.
    await().atMost(Duration.ofMinutes(2)).until(() -> office.hasMail(account));
    arrives(office, account, letter, id);
    await()
        .until(
            () ->
                next.metrics().sum("tlsuplift_spool_deliveries_total", "outcome", "delivered")
                    == 1);
  }

  @Test
  void anotherInstanceDeliversForOneThatIsDead() throws Exception {
    PostfixPort port = PostfixPort.open();
    Postgres database = Postgres.shared();
    String shared =
        """
        database: {url: "%s?currentSchema=%s", user: %s, passwordFile: "%s", keyFile: "%s"}
        """
            .formatted(
                database.url(),
                database.newSchema(),
                database.user(),
                database.passwordFile(),
                Lab.privately(lab.file("key", "0123456789abcdef0123456789abcdef")));
    Path folder = lab.directory("daemon");
    Daemon first =
        Daemon.start(
            lab, Machine.HERE, folder, yaml(port, ", mail: {spool: {when: always}}", shared));
    Account account = new Account(Postfix.address(0), "");
    Letter letter = Letter.small(account);
    String id = send(first, account, letter).succeeded().find(KEPT);
    first.kill();
    // Perhaps it has tried already. Or it has a claim, which then ends after a minute.
    CommandLineRun.of("spool", "retry", id, "-c", Daemon.config(folder).toString()).succeeded();

    PostOffice office = open(port);
    // Its configuration keeps no mail, but delivers what waits in the database.
    Daemon.start(lab, yaml(port, "", shared));
    await().atMost(Duration.ofMinutes(2)).until(() -> office.hasMail(account));
    arrives(office, account, letter, id);
  }

  @Test
  void notifiesOfARecipientThatTheOriginRefuses() {
    PostfixPort port = PostfixPort.open();
    PostOffice office = open(port);
    Account administrator = office.newAccount();
    Daemon daemon =
        Daemon.start(
            lab,
            yaml(
                port,
                ", mail: {spool: {when: always, returnTo: " + administrator.address() + "}}",
                ""));
    Account account = office.newAccount();
    Letter letter = Letter.small(account);
    String nobody = "nobody@" + Account.DOMAIN;
    send(daemon, account, letter, "--to", nobody).succeeded();
    assertThat(Letter.read(office.awaitMail(administrator)))
        .contains("multipart/report", "Final-Recipient: rfc822; " + nobody, "550 5.1.1")
        .contains(letter.marker());
    await()
        .until(
            () ->
                daemon.metrics().sum("tlsuplift_spool_deliveries_total", "outcome", "returned")
                    == 1);
  }

  @Test
  void refusesMailUntilTheDiskHasRoom() throws Exception {
    PostfixPort port = PostfixPort.open();
    PostOffice office = open(port);
    Path folder = lab.directory("daemon");
    Path data = Files.createDirectory(Daemon.data(folder));
    Daemon daemon =
        Daemon.start(
            lab,
            Machine.withDisk(data, "size=24m"),
            folder,
            yaml(port, ", allowPlaintext: true, mail: {spool: {when: always}}", ""));
    Account account = office.newAccount();
    Letter letter = Letter.small(account);
    // The disk, and with it the CA of the daemon, cannot be seen from here.
    Way way = Way.fixed(daemon, "scan", Mail.SMTP, TlsForm.STARTTLS);
    SwaksDevice device = new SwaksDevice(lab, "TLSv1");
    assertThat(device.attemptInPlaintext(way, account, letter).output())
        .contains("452 4.3.1 The disk of TLS Uplift is full; try again later");
    assertThat(daemon.metrics().sum("tlsuplift_spool_refused_total")).isEqualTo(1);
    daemon.awaitOutput(0, "messages are refused until it works");
    Machine.remount(daemon.pid(), data, "size=64m");
    String id = device.attemptInPlaintext(way, account, letter).succeeded().find(KEPT);
    arrives(office, account, letter, id);
    assertThat(office.awaitMails(account, letter.marker())).isEqualTo(1);
  }
}
