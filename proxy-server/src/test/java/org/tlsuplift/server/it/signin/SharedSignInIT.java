package org.tlsuplift.server.it.signin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
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
import org.tlsuplift.server.testing.AtOnce;
import org.tlsuplift.server.testing.Postgres;

/** A user signs in once for two instances, whose tokens are in one database. */
class SharedSignInIT {
  @RegisterExtension static final Lab lab = new Lab();

  private static final CurlMailDevice CURL = new CurlMailDevice(lab, "1.0");
  private static final Account ACCOUNT = LocalLogins.account(0);
  private static final String MAILBOX = LocalLogins.mailbox(0).address();

  private static Postgres postgres;
  private static CloudTenant tenant;
  private static PostOffice office;
  private static String yaml;
  private static String alone;

  @BeforeAll
  static void start() throws IOException {
    CompletableFuture<Postgres> database = AtOnce.supply(() -> lab.add(Postgres.start()));
    tenant = CloudTenant.start(lab);
    tenant.platform().refreshOnce();
    office = tenant.officeForUsers();
    alone =
        tenant.yaml(
            "flow: device-code",
            LocalLogins.create().accounts(1),
            MailListener.signingIn(TlsForm.STARTTLS, office.origin(Mail.SMTP, TlsForm.STARTTLS)));
    postgres = database.join();
    yaml = alone + database(lab.file("tokens.key", base64("0123456789abcdef0123456789abcdef")));
  }

  private static String database(Path key) {
    return "database: {url: \"%s\", user: %s, passwordFile: \"%s\", keyFile: \"%s\"}\n"
        .formatted(postgres.url(), postgres.user(), postgres.passwordFile(), Lab.privately(key));
  }

  private static String base64(String key) {
    return Base64.getEncoder().encodeToString(key.getBytes(StandardCharsets.US_ASCII)) + "\n";
  }

  @Test
  void oneSignInServesBothAndOutlivesTheInstanceWhereItWas() throws IOException {
    // The first has a sign-in from the time before the database.
    Daemon before = Daemon.start(lab, alone);
    BrowserUser.signIn(before, tenant, MAILBOX);
    before.terminate();
    assertThat(before.awaitExit(Duration.ofSeconds(15))).isZero();
    assertThat(tokenFiles(before)).hasSize(1);

    CompletableFuture<Daemon> starting = AtOnce.supply(() -> Daemon.start(lab, yaml));
    Daemon one = Daemon.start(lab, Machine.HERE, before.folder(), yaml);
    Daemon other = starting.join();
    awaitUsable(one);
    assertThat(tokenFiles(one)).isEmpty();
    awaitUsable(other);
    assertRefreshed(0);
    Letter letter = Letter.small(ACCOUNT);
    attempt(other, letter).succeeded();
    assertThat(Letter.read(office.awaitMail(ACCOUNT)))
        .contains("(Authenticated sender: " + MAILBOX + ")");
    assertNothingIssuedIsInTheDatabase();

    // Both need another token at the same time.
    tenant.platform().revokeAccessTokens();
    List<CompletableFuture<Run>> both =
        Stream.of(one, other).map(each -> AtOnce.supply(() -> attempt(each))).toList();
    both.forEach(each -> each.join().succeeded());
    assertRefreshed(1);

    // When both are dead, the next one has their token, and can refresh it.
    one.kill();
    other.kill();
    Daemon next = Daemon.start(lab, Machine.HERE, one.folder(), yaml);
    awaitUsable(next);
    assertRefreshed(1);
    tenant.platform().revokeAccessTokens();
    awaitReply(next, "< 250 2.0.0 ");
    assertRefreshed(2);

    // Without the database, a token in memory is used; an instance without one waits for it.
    // The limits of mailboxes need a moment first, and are smaller.
    postgres.kill();
    awaitReply(next, "< 250 2.0.0 ");
    Daemon last = Daemon.start(lab, yaml);
    last.awaitOutput(0, "the database with the tokens does not respond: ");
    awaitReply(last, "< 454 4.7.0 ");
    assertThat(last.metrics().sum("tlsuplift_token_requests_total", "outcome", "unavailable"))
        .isPositive();
    postgres.startAgain();
    awaitReply(last, "< 250 2.0.0 ");
    assertRefreshed(2);

    // A new sign-in at one is found by the other without a restart.
    tenant.platform().revokeRefreshTokens();
    tenant.platform().revokeAccessTokens();
    assertThat(attempt(last).output()).contains("< 535 5.7.8 ");
    BrowserUser.signIn(next, tenant, MAILBOX);
    awaitReply(last, "< 250 2.0.0 ");
    assertNothingIssuedIsInTheDatabase();

    // Another instance has another key.
    Path wrong = lab.file("wrong.key", base64("another key, 32 bytes in length!"));
    Path stranger =
        lab.file(
            "stranger.yaml",
            "dataDirectory: " + lab.directory("stranger") + "\n" + alone + database(wrong));
    Run refused =
        CommandLineRun.of("accounts", "sign-in", MAILBOX, "--config", stranger.toString());
    assertThat(refused.exit()).isEqualTo(1);
    assertThat(refused.output()).contains("use the key file of the other instances");
    attempt(last).succeeded();
  }

  private static void assertRefreshed(int times) {
    assertThat(tenant.platform().tokenRequests("refresh_token")).hasSize(times);
  }

  private static void awaitReply(Daemon daemon, String reply) {
    await(reply).until(() -> attempt(daemon).output().contains(reply));
  }

  private static void awaitUsable(Daemon daemon) {
    await("a token at " + daemon)
        .atMost(Duration.ofSeconds(20))
        .until(() -> daemon.metrics().sum("tlsuplift_tokens", "state", "usable") == 1);
  }

  private static Run attempt(Daemon daemon) {
    return attempt(daemon, Letter.small(ACCOUNT));
  }

  private static Run attempt(Daemon daemon, Letter letter) {
    return CURL.attempt(
        Way.fixed(daemon, "smtp-starttls", Mail.SMTP, TlsForm.STARTTLS), ACCOUNT, letter);
  }

  private static List<Path> tokenFiles(Daemon daemon) throws IOException {
    try (Stream<Path> files = Files.list(Daemon.data(daemon.folder()).resolve("sign-in"))) {
      return files.filter(file -> file.toString().endsWith(".tokens")).toList();
    }
  }

  private static void assertNothingIssuedIsInTheDatabase() {
    String rows =
        postgres.ask("SELECT owner, mailbox, encode(content, 'escape') FROM uplift_user_token");
    assertThat(rows).contains(MAILBOX);
    for (String token : tenant.platform().issued()) {
      assertThat(rows.contains(token)).isFalse();
    }
  }
}
