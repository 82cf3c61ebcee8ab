package org.tlsuplift.server.it.signin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.tlsuplift.server.it.lab.Account;
import org.tlsuplift.server.it.lab.Daemon;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Machine;
import org.tlsuplift.server.it.lab.Peak;
import org.tlsuplift.server.it.lab.Peers;
import org.tlsuplift.server.it.lab.Resources;
import org.tlsuplift.server.it.lab.Run;
import org.tlsuplift.server.it.mail.CurlMailDevice;
import org.tlsuplift.server.it.mail.MailDevice.Way;
import org.tlsuplift.server.it.mail.MailListener;
import org.tlsuplift.server.it.peer.Letter;
import org.tlsuplift.server.it.peer.Mail;
import org.tlsuplift.server.it.peer.PostOffice;
import org.tlsuplift.server.it.peer.Postfix;
import org.tlsuplift.server.it.peer.TlsForm;
import org.tlsuplift.server.testing.platform.IdentityPlatform;
import org.tlsuplift.server.testing.platform.PlatformRequest;
import org.tlsuplift.server.testing.platform.Trouble;

/**
 * When tokens expire or the platform is unreachable, devices get at most a request to try again.
 */
class SignInOutageIT {
  @RegisterExtension static final Lab lab = new Lab();

  private static final int ACCOUNTS = 20;
  private static int numbers;

  private static LocalLogins logins;
  private static CloudTenant tenant;
  private static IdentityPlatform platform;
  private static PostOffice office;
  private static MailListener[] listeners;
  private static Daemon daemon;

  @BeforeAll
  static void start() {
    logins = LocalLogins.create();
    tenant = CloudTenant.start(lab);
    platform = tenant.platform();
    office = tenant.office().mails();
    listeners =
        Stream.of(Mail.values())
            .map(mail -> office.origin(mail, TlsForm.STARTTLS))
            .map(origin -> MailListener.signingIn(TlsForm.STARTTLS, origin))
            .toArray(MailListener[]::new);
    daemon =
        Daemon.start(
            lab,
            tenant
                .yaml(
                    List.of(tenant.named("first", tenant.bySecret())),
                    logins.accounts(ACCOUNTS, ", tenant: first"),
                    listeners)
                .replace("maximumWait: 5s", "maximumWait: 2s"));
  }

  /** Gives the running daemon another tenant with accounts, so that it has no token for them. */
  private static void add(CloudTenant other, String name, List<String> accounts)
      throws IOException {
    daemon.reload(
        yaml ->
            yaml.replace(
                    "  tenants:\n",
                    "  tenants:\n    - " + other.named(name, other.bySecret()) + "\n")
                .replace(
                    "  accounts:\n",
                    "  accounts:\n    - " + String.join("\n    - ", accounts) + "\n"));
  }

  @AfterEach
  void mend() {
    platform.tokensLive(Duration.ofHours(1));
    platform.recover();
    platform.startAgain();
  }

  @Test
  void replacesTokensBeforeTheyExpire() throws IOException {
    platform.tokensLive(Duration.ofSeconds(4));
    CloudTenant other = tenant.withAnotherApplication();
    add(other, "impatient", List.of(logins.line(ACCOUNTS, ", tenant: impatient")));
    Account impatient = LocalLogins.account(ACCOUNTS);
    attempt(daemon, Mail.SMTP, impatient).succeeded();
    int refusals = platform.refusals();
    List<PlatformRequest> first = other.tokenRequests();

    Instant end = last(first).time().plusSeconds(4);
    await()
        .atMost(Duration.ofSeconds(15))
        .until(() -> Instant.now().isAfter(end) && other.tokenRequests().size() > first.size());
    attempt(daemon, Mail.SMTP, impatient).succeeded();

    assertThat(platform.refusals()).isEqualTo(refusals);
  }

  @Test
  void replacesRefusedTokensOnceAndTriesOnceMore() {
    awaitSuccess();
    int requests = tenant.tokenRequests().size();
    int refusals = platform.refusals();

    platform.revokeAccessTokens();
    send(daemon).succeeded();

    assertThat(tenant.tokenRequests()).hasSize(requests + 1);
    assertThat(platform.refusals()).isEqualTo(refusals + 1);
  }

  @Test
  void devicesGetTemporaryErrorsDuringAPlatformOutage() {
    awaitSuccess();
    platform.stop();
    platform.revokeAccessTokens();

    assertThat(attempt(daemon, Mail.SMTP).output()).contains("< 454 4.7.0 ");
    assertThat(attempt(daemon, Mail.IMAP).output()).contains(" NO [UNAVAILABLE] ");
    assertThat(attempt(daemon, Mail.POP3).output()).contains("< -ERR [SYS/TEMP] ");
    platform.startAgain();
    awaitSuccess();
  }

  @Test
  void obeysTheRetryAfterOfThePlatform() {
    awaitSuccess();
    int before = tenant.tokenRequests().size();
    platform.suffer(Trouble.throttled(Duration.ofSeconds(5)));
    platform.revokeAccessTokens();

    assertThat(attempt(daemon, Mail.SMTP).output()).contains("< 454 4.7.0 ");
    assertThat(attempt(daemon, Mail.SMTP).output()).contains("< 454 4.7.0 ");
    platform.recover();
    awaitSuccess();

    List<PlatformRequest> requests = tenant.tokenRequests();
    assertThat(requests).hasSize(before + 2);
    assertThat(requests.get(before + 1).time())
        .isAfterOrEqualTo(requests.get(before).time().plusSeconds(5));
  }

  @Test
  void usesItsTokenAfterARestart() throws InterruptedException {
    Path folder = lab.directory("restarted");
    CloudTenant other = tenant.withAnotherApplication();
    String yaml = other.yaml(other.bySecret(), logins.accounts(ACCOUNTS), listeners);
    Daemon first = Daemon.start(lab, Machine.HERE, folder, yaml);
    send(first).succeeded();
    first.terminate();
    assertThat(first.awaitExit(Duration.ofSeconds(20))).isZero();
    int requests = other.tokenRequests().size();
    platform.stop();

    Daemon second = Daemon.start(lab, Machine.HERE, folder, yaml);
    send(second).succeeded();

    assertThat(other.tokenRequests()).hasSize(requests);
  }

  @Test
  void queuesManyDevicesOfOneMailbox() throws IOException, InterruptedException {
    int first = 200;
    int many = 200;
    List<String> accounts = new ArrayList<>();
    for (int i = first; i < first + many; i++) {
      accounts.add(
          logins.line(Postfix.address(i), "office@" + Account.DOMAIN, ", tenant: crowded"));
    }
    CloudTenant other = tenant.withAnotherApplication();
    add(other, "crowded", accounts);
    daemon.awaitSessions(0);
    Peak peak = lab.add(new Peak(daemon, "tlsuplift_mailbox_sessions"));

    Run run =
        Run.of(
                List.of(
                    Peers.require("python3"),
                    Resources.path("swarm.py").toString(),
                    Integer.toString(daemon.listener("smtp-starttls").getPort()),
                    daemon.authority().toString(),
                    Integer.toString(first),
                    Integer.toString(many),
                    LocalLogins.PASSWORD,
                    "50"))
            .succeeded();

    peak.close();
    assertThat(run.output()).contains(many + " sent\n");
    assertThat(other.tokenRequests()).hasSize(1);
    assertThat(peak.highest()).isBetween(2L, 3L);
    String log = office.log();
    UpstreamSessions sessions = UpstreamSessions.of(log, "office@" + Account.DOMAIN);
    assertThat(sessions.all()).as(log).isEqualTo(many);
    assertThat(sessions.atOnce()).as(log).isBetween(2, 3);
    for (int i = first; i < first + many; i++) {
      String word = "mark" + i + ".";
      assertThat(office.awaitMails(new Account(Postfix.address(i), ""), word)).isEqualTo(1);
    }
  }

  private static PlatformRequest last(List<PlatformRequest> requests) {
    return requests.get(requests.size() - 1);
  }

  /** Sends mails until one is taken. */
  private static void awaitSuccess() {
    await()
        .atMost(Duration.ofSeconds(30))
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(200))
        .until(() -> send(daemon).exit() == 0);
  }

  private static Run send(Daemon to) {
    return attempt(to, Mail.SMTP);
  }

  private static Run attempt(Daemon to, Mail mail) {
    return attempt(to, mail, LocalLogins.account(numbers++ % ACCOUNTS));
  }

  private static Run attempt(Daemon to, Mail mail, Account account) {
    Way way = Way.fixed(to, mail.label() + "-starttls", mail, TlsForm.STARTTLS);
    return new CurlMailDevice(lab, "1.0").attempt(way, account, Letter.small(account));
  }
}
