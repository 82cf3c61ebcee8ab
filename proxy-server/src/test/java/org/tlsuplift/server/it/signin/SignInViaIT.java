package org.tlsuplift.server.it.signin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.tlsuplift.server.it.lab.Account;
import org.tlsuplift.server.it.lab.CommandLineRun;
import org.tlsuplift.server.it.lab.Daemon;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Loopback;
import org.tlsuplift.server.it.lab.Metrics;
import org.tlsuplift.server.it.lab.Run;
import org.tlsuplift.server.it.mail.CurlMailDevice;
import org.tlsuplift.server.it.mail.MailDevice.Way;
import org.tlsuplift.server.it.mail.MailListener;
import org.tlsuplift.server.it.peer.Letter;
import org.tlsuplift.server.it.peer.Mail;
import org.tlsuplift.server.it.peer.MailOrigin;
import org.tlsuplift.server.it.peer.PostOffice;
import org.tlsuplift.server.it.peer.Squid;
import org.tlsuplift.server.it.peer.TlsForm;

/** Tokens are asked for through the corporate proxy, a real Squid, and not past it. */
class SignInViaIT {
  @RegisterExtension static final Lab lab = new Lab();

  private static final String PASSWORD = "Geheimnis";
  private static final CurlMailDevice CURL = new CurlMailDevice(lab, "1.0");

  private static CloudTenant tenant;
  private static PostOffice office;
  private static String platform;

  @BeforeAll
  static void start() {
    tenant = CloudTenant.start(lab);
    office = tenant.office().mails();
    platform = tenant.platform().url().substring("https://".length());
  }

  @Test
  void asksForTokensThroughTheProxy() {
    Squid squid = Squid.start(lab, PASSWORD, 1, "squid.example.test");
    Daemon daemon = start(tenant, squid);
    Account account = LocalLogins.account(0);
    Letter letter = Letter.small(account);

    CURL.visit(way(daemon), account, letter);

    assertThat(letter.isWholeIn(Letter.read(office.awaitMail(account)))).isTrue();
    squid.awaitLog("TCP_TUNNEL/200 \\d+ CONNECT " + platform + " scanner ");
    squid.awaitLog("TCP_TUNNEL/200 \\d+ CONNECT " + origin().byName() + " scanner ");
    assertThat(doctor(daemon).succeeded().output()).containsPattern("ok +token +from ");
    assertThat(daemon.output()).doesNotContain(PASSWORD);
  }

  @Test
  void reportsTheRefusalOfTheProxyAndSendsOnceItAllows() throws IOException {
    int port = Integer.parseInt(platform.substring("localhost:".length()));
    Squid squid = Squid.start(lab, PASSWORD, port, "strict.example.test");
    CloudTenant other = tenant.withAnotherApplication();
    Daemon daemon = start(other, squid);
    Account account = LocalLogins.account(1);
    Letter letter = Letter.small(account);
    String why =
        "proxy %s responded 403 to CONNECT (ERR_ACCESS_DENIED); allow %s on that proxy, for this machine"
            .formatted(Loopback.text(squid.address()), platform);

    Run refused = CURL.attempt(way(daemon), account, letter);

    assertThat(refused.output()).contains("< 454 4.7.0 ").doesNotContain(platform);
    daemon.awaitOutput(0, "sign-in ended: the identity platform is unreachable");
    assertThat(daemon.output()).contains("no token for all mailboxes").contains(why);
    Metrics metrics = daemon.metrics();
    assertThat(metrics.sum("tlsuplift_tokens", "state", "missing")).isEqualTo(1);
    assertThat(metrics.sum("tlsuplift_token_requests_total", "outcome", "unavailable"))
        .isPositive();
    assertThat(metrics.sum("tlsuplift_sign_ins_total", "outcome", "token_unavailable"))
        .isEqualTo(1);
    Run doctor = doctor(daemon);
    assertThat(doctor.exit()).as(doctor.toString()).isEqualTo(20);
    assertThat(doctor.output().replaceAll("\\s+", " ")).contains(why, "upstream.via");
    assertThat(other.tokenRequests()).as("past the proxy").isEmpty();

    squid.forbidNothing();

    // It asks after pauses that grow to half a minute.
    await()
        .atMost(Duration.ofSeconds(45))
        .until(() -> daemon.output().contains("there is a token for all mailboxes (tenant "));
    CURL.visit(way(daemon), account, letter);
    squid.awaitLog("TCP_TUNNEL/200 \\d+ CONNECT " + platform + " scanner ");
  }

  private static Daemon start(CloudTenant of, Squid squid) {
    Path password = Lab.privately(lab.file("proxy.password", PASSWORD + "\n"));
    String yaml =
        of.yaml(
            of.bySecret(),
            LocalLogins.create().accounts(3),
            MailListener.signingIn(TlsForm.STARTTLS, origin()));
    return Daemon.start(
        lab, yaml.replace("upstream: {", "upstream: {via: \"" + squid.url(password) + "\", "));
  }

  private static Run doctor(Daemon daemon) {
    return CommandLineRun.of(
        "doctor",
        LocalLogins.account(0).address(),
        "--config",
        Daemon.config(daemon.folder()).toString());
  }

  private static MailOrigin origin() {
    return office.origin(Mail.SMTP, TlsForm.STARTTLS);
  }

  private static Way way(Daemon daemon) {
    return Way.fixed(daemon, "smtp-starttls", Mail.SMTP, TlsForm.STARTTLS);
  }
}
