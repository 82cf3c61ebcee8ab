package org.tlsuplift.server.it.signin;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.tlsuplift.server.it.lab.Account;
import org.tlsuplift.server.it.lab.CommandLineRun;
import org.tlsuplift.server.it.lab.Daemon;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Metrics;
import org.tlsuplift.server.it.lab.Run;
import org.tlsuplift.server.it.lab.TestCa;
import org.tlsuplift.server.it.mail.MailDevice.Way;
import org.tlsuplift.server.it.mail.MailListener;
import org.tlsuplift.server.it.mail.SwaksDevice;
import org.tlsuplift.server.it.peer.Letter;
import org.tlsuplift.server.it.peer.Mail;
import org.tlsuplift.server.it.peer.MailOrigin;
import org.tlsuplift.server.it.peer.PostOffice;
import org.tlsuplift.server.it.peer.Postfix;
import org.tlsuplift.server.it.peer.TlsForm;
import org.tlsuplift.server.testing.platform.AppRegistration;

/**
 * One daemon for two tenants, whose mailboxes accept only tokens of their own tenant, and for High
 * Volume Email, which accepts only tokens with another permission and some minutes left.
 */
class TenantsIT {
  @RegisterExtension static final Lab lab = new Lab();

  private static final String CONTOSO = Postfix.address(301);
  private static final String FABRIKAM = Postfix.address(302);
  private static final String PAYROLL = Postfix.address(303);

  private static CloudTenant contoso;
  private static PostOffice contosoOffice;
  private static PostOffice fabrikamOffice;
  private static PostOffice highVolume;
  private static Daemon daemon;

  @BeforeAll
  static void start() {
    contoso = CloudTenant.start(lab);
    // Its identity platform has a certificate of the same authority, and issues other tokens.
    CloudTenant fabrikam = CloudTenant.start(lab, contoso.ca());
    CloudTenant payroll = contoso.withAnotherApplication();
    AppRegistration.MAIL_ROLES.forEach(payroll.app()::withdraw);
    payroll.app().grant(AppRegistration.HIGH_VOLUME_ROLE);
    contosoOffice = contoso.office().mails();
    fabrikamOffice = fabrikam.office().mails();
    highVolume = contoso.highVolume();
    LocalLogins logins = LocalLogins.create();
    daemon =
        Daemon.start(
            lab,
            yaml(
                contoso.ca(),
                List.of(
                    contoso.named("contoso", contoso.bySecret()),
                    fabrikam.named("fabrikam", fabrikam.bySecret()),
                    payroll.named("contoso-hve", payroll.bySecret() + ", service: hve")),
                List.of(
                    logins.line("contoso-scanner", CONTOSO, ", tenant: contoso"),
                    logins.line("fabrikam-scanner", FABRIKAM, ", tenant: fabrikam"),
                    logins.line("payroll", PAYROLL, ", tenant: contoso-hve"),
                    logins.line("astray", PAYROLL, ", tenant: contoso")),
                listener("contoso", contosoOffice),
                listener("fabrikam", fabrikamOffice),
                listener("high-volume", highVolume)));
  }

  private static MailListener listener(String name, PostOffice office) {
    MailOrigin origin = office.origin(Mail.SMTP, TlsForm.STARTTLS);
    return new MailListener(
        name, Mail.SMTP, "starttls", TlsForm.STARTTLS, origin.byName(), ", signIn: true");
  }

  private static String yaml(
      TestCa trusted, List<String> tenants, List<String> accounts, MailListener... listeners) {
    return MailListener.yaml(trusted, listeners)
        + """
        signIn:
          tenants:
            - %s
          limits: {sessions: 1, messagesPerMinute: 1, maximumWait: 1s}
          accounts:
            - %s
        """
            .formatted(String.join("\n    - ", tenants), String.join("\n    - ", accounts));
  }

  private static Run attempt(String listener, String login, Account to) {
    return new SwaksDevice(lab, "TLSv1", "--auth", "LOGIN")
        .with("--from", to.address(), "--to", to.address())
        .attempt(
            Way.fixed(daemon, listener, Mail.SMTP, TlsForm.STARTTLS),
            new Account(login, LocalLogins.PASSWORD),
            Letter.small(to));
  }

  @Test
  void signsEachDeviceInAtItsTenant() {
    Account first = contosoOffice.newAccount();
    Account second = fabrikamOffice.newAccount();

    attempt("contoso", "contoso-scanner", first).succeeded();
    attempt("fabrikam", "fabrikam-scanner", second).succeeded();

    assertThat(Letter.read(contosoOffice.awaitMail(first)))
        .contains("(Authenticated sender: " + CONTOSO + ")");
    assertThat(Letter.read(fabrikamOffice.awaitMail(second)))
        .contains("(Authenticated sender: " + FABRIKAM + ")");
  }

  @Test
  void anOriginRefusesTheTokenOfAnotherTenant() {
    Account to = fabrikamOffice.newAccount();
    Run run = attempt("fabrikam", "astray", to);
    assertThat(run.exit()).as(run.toString()).isNotZero();
    assertThat(run.output()).contains("535 5.7.8");
    assertThat(fabrikamOffice.hasMail(to)).isFalse();
  }

  @Test
  void highVolumeEmailHasNoLimitsAndNeedsItsOwnPermission() {
    for (int i = 0; i < 5; i++) {
      Account to = highVolume.newAccount();
      attempt("high-volume", "payroll", to).succeeded();
      assertThat(Letter.read(highVolume.awaitMail(to)))
          .contains("(Authenticated sender: " + PAYROLL + ")");
    }
    Run run = attempt("high-volume", "astray", highVolume.newAccount());
    assertThat(run.output()).contains("535 5.7.8");
  }

  @Test
  void theRequestsForTokensHaveTheScopeOfTheService() {
    assertThat(contoso.platform().tokenRequests())
        .extracting(request -> request.get("scope"))
        .anyMatch(scope -> scope.contains("https://outlook.office365.com/.default"))
        .anyMatch(scope -> scope.contains("https://outlook.office.com/.default"));
  }

  @Test
  void metricsAndCheckNameTheTenant() {
    Metrics metrics = daemon.metrics();
    for (String tenant : List.of("contoso", "fabrikam", "contoso-hve")) {
      assertThat(metrics.sum("tlsuplift_tokens", "tenant", tenant, "state", "usable"))
          .as(tenant)
          .isEqualTo(1);
      assertThat(metrics.sum("tlsuplift_token_expiry_seconds", "tenant", tenant)).isPositive();
    }
    assertThat(command("check").succeeded().output())
        .contains("sign-in of tenant contoso: 2 accounts for 2 mailboxes, application ")
        .contains(
            "sign-in of tenant contoso-hve: 1 accounts for 1 mailboxes of High Volume Email, application ");
  }

  @Test
  void doctorChecksThePermissionOfTheService() {
    assertThat(command("doctor", "payroll", "--listener", "high-volume").succeeded().output())
        .contains("as " + PAYROLL + " of tenant contoso-hve")
        .containsPattern("ok +rights +audience https://outlook.office.com, roles Mail.Send,")
        .containsPattern("ok +sign-in +as " + PAYROLL)
        .doesNotContain("FAILED");
    Run astray = command("doctor", "astray", "--listener", "high-volume");
    assertThat(astray.exit()).as(astray.toString()).isEqualTo(30);
    assertThat(astray.output()).contains("as " + PAYROLL + " of tenant contoso\n");
  }

  private static Run command(String... arguments) {
    List<String> command = new ArrayList<>(List.of(arguments));
    command.addAll(List.of("--config", Daemon.config(daemon.folder()).toString()));
    return CommandLineRun.of(command.toArray(String[]::new));
  }
}
