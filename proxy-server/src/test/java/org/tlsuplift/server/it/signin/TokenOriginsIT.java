package org.tlsuplift.server.it.signin;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tlsuplift.server.it.lab.Account;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Run;
import org.tlsuplift.server.it.lab.TestCa;
import org.tlsuplift.server.it.mail.CurlMailDevice;
import org.tlsuplift.server.it.mail.MailDevice.Way;
import org.tlsuplift.server.it.peer.Letter;
import org.tlsuplift.server.it.peer.Mail;
import org.tlsuplift.server.it.peer.MailOrigin;
import org.tlsuplift.server.it.peer.TlsForm;
import org.tlsuplift.server.testing.platform.AppRegistration;
import org.tlsuplift.server.testing.platform.IdentityPlatform;

/** The control: without a proxy these origins take good tokens, and nothing else. */
class TokenOriginsIT {
  @RegisterExtension static final Lab lab = new Lab();

  private static final String CLOSED = "closed@" + Account.DOMAIN;

  private static TestCa ca;
  private static IdentityPlatform platform;
  private static AppRegistration app;
  private static CloudOffice office;
  private static Xoauth2Program program;

  @BeforeAll
  static void start() {
    ca = new TestCa(lab);
    platform = lab.add(IdentityPlatform.start());
    app = platform.register();
    office = CloudOffice.forApplications(lab, ca.issue("localhost"), platform);
    office.close(CLOSED);
    program = new Xoauth2Program(lab, ca.file());
  }

  private static Stream<MailOrigin> origins() {
    return office.mails().origins().stream();
  }

  @ParameterizedTest
  @MethodSource("origins")
  void acceptGoodTokensOnly(MailOrigin origin) {
    String mailbox = office.mails().newAccount().address();
    String token = platform.issue(app);

    Run good = program.signIn(origin, mailbox, token).succeeded();
    assertThat(good.output()).contains("signed in").containsPattern("offered .*XOAUTH2");
    assertThat(good.output()).doesNotContain("PLAIN", "LOGIN");
    assertRefused(program.signIn(origin, mailbox, token + "x"));
    assertRefused(program.signIn(origin, CLOSED, token));
  }

  @Test
  void refuseRevokedTokens() {
    String mailbox = office.mails().newAccount().address();
    MailOrigin origin = office.mails().origin(Mail.IMAP, TlsForm.IMPLICIT);
    String token = platform.issue(app);
    program.signIn(origin, mailbox, token).succeeded();

    platform.revokeAccessTokens();

    assertRefused(program.signIn(origin, mailbox, token));
  }

  @ParameterizedTest
  @MethodSource("origins")
  void refusePasswordsAndOldDevices(MailOrigin origin) {
    Account account = office.mails().newAccount();
    Way way = Way.direct(origin, ca.file());
    Letter letter = Letter.small(account);

    Run modern = new CurlMailDevice(lab, "1.2").attempt(way, account, letter);
    Run old = new CurlMailDevice(lab, "1.0").attempt(way, account, letter);

    // 67: login denied; 35: no TLS.
    assertThat(modern.exit()).as(modern.toString()).isEqualTo(67);
    assertThat(old.exit()).as(old.toString()).isEqualTo(35);
  }

  private static void assertRefused(Run run) {
    assertThat(run.exit()).as(run.toString()).isNotZero();
    assertThat(run.output()).contains("refused: ");
  }
}
