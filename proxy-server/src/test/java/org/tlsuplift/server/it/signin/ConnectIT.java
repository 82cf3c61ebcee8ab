package org.tlsuplift.server.it.signin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.tlsuplift.server.it.lab.Account;
import org.tlsuplift.server.it.lab.CommandLineRun;
import org.tlsuplift.server.it.lab.Daemon;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Loopback;
import org.tlsuplift.server.it.lab.Machine;
import org.tlsuplift.server.it.mail.CurlMailDevice;
import org.tlsuplift.server.it.mail.MailDevice.Way;
import org.tlsuplift.server.it.mail.MailListener;
import org.tlsuplift.server.it.peer.Browser;
import org.tlsuplift.server.it.peer.Letter;
import org.tlsuplift.server.it.peer.Mail;
import org.tlsuplift.server.it.peer.TlsForm;
import org.tlsuplift.server.process.PemFile;
import org.tlsuplift.server.signin.PasswordHash;

/**
 * From a configuration of {@code init} to the first scan with TLS 1.0, on the pages alone. The
 * administrator of the tenant is this test: it reads the certificate from the script.
 */
class ConnectIT {
  @RegisterExtension static final Lab lab = new Lab();

  private static final String LISTENER = "smtp-starttls-starttls";
  private static final String SETUP = "tls-uplift-tenant-setup.ps1";

  @Test
  void connectsATenantOnThePagesAndScans() throws Exception {
    Browser.require();
    CloudTenant tenant = CloudTenant.start(lab);
    CloudOffice office = tenant.office();
    Path folder = lab.directory("daemon");
    InetSocketAddress admin = new InetSocketAddress(Loopback.V4, Loopback.freePort(Loopback.V4));
    CommandLineRun.of(
            "tenant",
            "setup",
            "--yes",
            "--tenant",
            tenant.platform().tenant(),
            "--data",
            Daemon.data(folder).toString(),
            "--output",
            folder.toString())
        .succeeded();
    Daemon daemon = Daemon.start(lab, Machine.HERE, folder, yaml(tenant, office, folder, admin));
    Browser browser = Browser.start(lab, "http://" + Loopback.text(admin));
    browser.on(1280, 900, "light").scripts(false);

    browser.open("/connect");
    browser.element("input[name=name]").sendKeys("boss");
    browser.element("input[name=password]").sendKeys("correct horse");
    browser.element("form.sign-in button").click();
    browser.awaitPath("/connect");

    String mailbox = LocalLogins.mailbox(0).address();
    assertThat(browser.texts("#state-title").get(0)).startsWith("Not connected yet");
    assertThat(browser.element("input[name=tenant]").getAttribute("value"))
        .isEqualTo(tenant.platform().tenant());
    browser.element("input[name=tenant]").clear();
    browser.element("input[name=tenant]").sendKeys("common");
    browser.element("textarea[name=mailboxes]").sendKeys(mailbox);
    browser.element("select[name=protocols] option[value='smtp,imap']").click();
    browser.element("form[action='/connect/prepare'] button").click();
    assertThat(browser.element("#tenant-problem").getText()).startsWith("got 'common'");
    assertThat(browser.element("textarea[name=mailboxes]").getText()).isEqualTo(mailbox);

    browser.element("input[name=tenant]").clear();
    browser.element("input[name=tenant]").sendKeys(tenant.platform().tenant());
    browser.element("form[action='/connect/prepare'] button").click();
    browser.awaitPath("/connect?tenant=");
    browser.link("Download " + SETUP).click();
    Path script = browser.download(SETUP);
    await().until(() -> Files.exists(script));
    register(tenant, Files.readString(script), mailbox);

    browser
        .element("input[name=ids]")
        .sendKeys(
            tenant.platform().tenant() + " " + tenant.app().id() + " " + tenant.app().objectId());
    browser.element("select[name=listeners] option[value='" + LISTENER + "']").click();
    browser.element("form[action^='/connect#'] button").click();
    browser.awaitPath("ids=");
    List<String> shown = browser.texts("section:has(#ids-title) pre");
    assertThat(shown.get(0)).contains("-Part Exchange", "-ObjectId " + tenant.app().objectId());
    assertThat(shown.get(1)).contains("applicationId: " + tenant.app().id());
    look(browser, "connect");
    browser.element("form[action='/connect/write'] button").click();
    browser.awaitPath("/connect/check");
    assertThat(browser.texts(".notice").get(0)).contains("is written and in use");

    String login = LocalLogins.account(0).address();
    browser.open("/accounts");
    browser.element("form[action='/accounts/add'] input[name=login]").sendKeys(login);
    browser.element("form[action='/accounts/add'] input[name=mailbox]").sendKeys(mailbox);
    browser.element("form[action='/accounts/add'] button[type=submit]").click();
    await().until(() -> browser.title().startsWith("New passwords"));
    Account account = new Account(login, browser.element("code.password").getText());

    browser.open("/connect/check");
    browser.element("form[action='/connect/check/run'] button").click();
    await()
        .until(
            () ->
                browser.open("/connect/check").texts("main").toString().contains("It has ended."));
    assertThat(browser.texts(".steps .badge")).containsExactly("ok", "ok", "ok", "ok", "ok", "ok");
    look(browser, "connect-check");

    Letter letter = Letter.small(new Account(mailbox, ""));
    new CurlMailDevice(lab, "1.0")
        .visit(Way.fixed(daemon, LISTENER, Mail.SMTP, TlsForm.STARTTLS), account, letter);
    assertThat(letter.isWholeIn(Letter.read(office.mails().awaitMail(account)))).isTrue();
    assertThat(browser.complaints())
        .as("but the wrong tenant")
        .allMatch(complaint -> complaint.contains("/connect/prepare") && complaint.contains("400"));

    office.close(mailbox);
    browser.scripts(true);
    // The office may notice it after the first check. A check that waits must not be asked again.
    await()
        .until(
            () -> {
              browser.open("/connect/check");
              if (browser.texts("main").toString().contains("It has ended.")) {
                browser.element("form[action='/connect/check/run'] button").click();
              }
              return browser.texts(".steps li.failed h4").contains("Service principal failed");
            });
    await().until(() -> browser.texts(".steps li.note p").size() == 1);
    assertThat(browser.texts(".steps li.note p").get(0))
        .contains("up to two hours for roles; checked again in 5 minutes");
    look(browser, "connect-waits");
  }

  /** Does what the script does. */
  private static void register(CloudTenant tenant, String script, String mailbox) throws Exception {
    assertThat(script)
        .contains("$Mailboxes = @('" + mailbox + "')", "$Protocols = @('smtp', 'imap')")
        .doesNotContain("PRIVATE");
    String base64 = script.replaceAll("(?s).*\\$CertificateData = '([^']+)'.*", "$1");
    Path pem =
        lab.file(
            "uploaded.pem",
            "-----BEGIN CERTIFICATE-----\n" + base64 + "\n-----END CERTIFICATE-----\n");
    tenant.app().add(PemFile.read(pem).certificates().get(0));
  }

  private static void look(Browser browser, String name) {
    browser.scripts(true);
    // A page with a fragment would not be loaded again.
    String path = browser.path().replaceAll("#.*", "");
    for (int width : List.of(1280, 390)) {
      browser.on(width, 900, width < 600 ? "dark" : "light").open(path);
      assertThat(browser.barriers()).as(path).isEmpty();
      browser.picture(name + "-" + width);
    }
    browser.on(1280, 900, "light").scripts(false);
    browser.open(path);
  }

  private static String yaml(
      CloudTenant tenant, CloudOffice office, Path folder, InetSocketAddress admin) {
    return MailListener.yaml(
            tenant.ca(),
            MailListener.to(office.mails().origin(Mail.SMTP, TlsForm.STARTTLS), "starttls", ""))
        + """
        signIn:
          tenant: %1$s
          applicationId: 00000000-0000-0000-0000-000000000000
          authority: %2$s
          certificate:
            certificate: %3$s/sign-in/%1$s.application.crt.pem
            key: %3$s/sign-in/%1$s.application.key.pem
          accountsFile: %3$s/accounts.yaml
        admin:
          bind: "%4$s"
          users:
            - {name: boss, role: administrator, passwordHash: '%5$s'}
        devices: {reverseDns: false}
        """
            .formatted(
                tenant.platform().tenant(),
                tenant.platform().url(),
                Daemon.data(folder),
                Loopback.text(admin),
                PasswordHash.of("correct horse".toCharArray()).encoded());
  }
}
