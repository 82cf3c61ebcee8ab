package org.tlsuplift.server.it.signin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.tlsuplift.server.it.lab.Account;
import org.tlsuplift.server.it.lab.Daemon;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Metrics;
import org.tlsuplift.server.it.lab.Run;
import org.tlsuplift.server.it.mail.CurlMailDevice;
import org.tlsuplift.server.it.mail.MailDevice.Way;
import org.tlsuplift.server.it.mail.MailListener;
import org.tlsuplift.server.it.peer.Letter;
import org.tlsuplift.server.it.peer.Mail;
import org.tlsuplift.server.it.peer.PostOffice;
import org.tlsuplift.server.it.peer.Prometheus;
import org.tlsuplift.server.it.peer.TlsForm;

/** A mailbox whose sign-in was revoked, by a new password of its user or by an administrator. */
class SignInRevokedIT {
  @RegisterExtension static final Lab lab = new Lab();

  private static final CurlMailDevice CURL = new CurlMailDevice(lab, "1.0");
  private static final Account ACCOUNT = LocalLogins.account(0);
  private static final String MAILBOX = LocalLogins.mailbox(0).address();
  private static final Pattern ENDED =
      Pattern.compile(
          "sign-in ended: the identity platform .*; run 'tls-uplift doctor'.* outcome=\"token_refused\" ");
  private static final String WHY =
      "the identity platform returned invalid_grant, AADSTS50173: the password was changed or sign-ins were revoked; a user must sign in again: tls-uplift accounts sign-in "
          + MAILBOX;

  private static CloudTenant tenant;
  private static PostOffice office;
  private static Daemon daemon;
  private static Prometheus prometheus;

  @BeforeAll
  static void start() throws IOException {
    tenant = CloudTenant.start(lab);
    office = tenant.officeForUsers();
    MailListener[] listeners =
        Stream.of(Mail.values())
            .map(mail -> office.origin(mail, TlsForm.STARTTLS))
            .map(origin -> MailListener.signingIn(TlsForm.STARTTLS, origin))
            .toArray(MailListener[]::new);
    daemon =
        Daemon.start(
            lab, tenant.yaml("flow: device-code", LocalLogins.create().accounts(1), listeners));
    prometheus = Prometheus.alerting(lab, daemon);
    BrowserUser.signIn(daemon, tenant, MAILBOX);
    awaitTokens(1, 0);
    send();
    prometheus.awaitAnswer("tlsuplift_tokens{state=\"usable\"}", 1);
  }

  @Test
  void namesTheMailboxThatMustSignInAgainAndSendsAfterwards() {
    tenant.platform().revokeRefreshTokens();
    tenant.platform().revokeAccessTokens();
    int asked = tenant.tokenRequests().size();
    int mark = daemon.mark();

    assertThat(attempt(Mail.SMTP).output()).contains("< 535 5.7.8 ");
    assertThat(attempt(Mail.IMAP).output()).contains(" NO [AUTHENTICATIONFAILED] ");
    assertThat(attempt(Mail.POP3).output()).contains("< -ERR [AUTH] ");
    daemon.awaitOutput(
        mark, "no token for " + MAILBOX + " (tenant " + tenant.platform().tenant() + "): " + WHY);
    await()
        .untilAsserted(
            () ->
                assertThat(ENDED.matcher(daemon.output().substring(mark)).results())
                    .hasSize(Mail.values().length));
    awaitTokens(0, 1);
    // The origin is not bothered with the old token again.
    int refusals = tenant.platform().refusals();
    for (int i = 0; i < 5; i++) {
      assertThat(attempt(Mail.SMTP).output()).contains("< 535 5.7.8 ");
    }
    assertThat(tenant.platform().refusals()).isEqualTo(refusals);
    assertThat(tenant.tokenRequests()).hasSize(asked + 1);
    assertThat(daemon.metrics().sum("tlsuplift_sign_ins_total", "outcome", "token_refused"))
        .isEqualTo(8);
    prometheus.awaitFiring("TlsUpliftNoTokens", "TlsUpliftSignInFails");

    BrowserUser.signIn(daemon, tenant, MAILBOX);
    send();
    awaitTokens(1, 0);
    daemon.awaitOutput(mark, "there is a token for " + MAILBOX + " (tenant ");
  }

  private static void awaitTokens(int usable, int missing) {
    await()
        .atMost(Duration.ofSeconds(40))
        .untilAsserted(
            () -> {
              Metrics now = daemon.metrics();
              assertThat(now.sum("tlsuplift_tokens", "state", "usable")).isEqualTo(usable);
              assertThat(now.sum("tlsuplift_tokens", "state", "missing")).isEqualTo(missing);
            });
  }

  private static void send() {
    attempt(Mail.SMTP).succeeded();
  }

  private static Run attempt(Mail mail) {
    Way way = Way.fixed(daemon, mail.label() + "-starttls", mail, TlsForm.STARTTLS);
    return CURL.attempt(way, ACCOUNT, Letter.small(ACCOUNT));
  }
}
