package org.tlsuplift.server.it.signin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.tlsuplift.server.http.pages.PagePaths;
import org.tlsuplift.server.it.lab.Account;
import org.tlsuplift.server.it.lab.Child;
import org.tlsuplift.server.it.lab.CommandLineRun;
import org.tlsuplift.server.it.lab.Daemon;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Loopback;
import org.tlsuplift.server.it.lab.Machine;
import org.tlsuplift.server.it.lab.Run;
import org.tlsuplift.server.it.mail.CurlMailDevice;
import org.tlsuplift.server.it.mail.MailDevice.Way;
import org.tlsuplift.server.it.mail.MailListener;
import org.tlsuplift.server.it.mail.OpensslMailDevice;
import org.tlsuplift.server.it.peer.Browser;
import org.tlsuplift.server.it.peer.Letter;
import org.tlsuplift.server.it.peer.Mail;
import org.tlsuplift.server.it.peer.PostOffice;
import org.tlsuplift.server.it.peer.TlsForm;
import org.tlsuplift.server.signin.PasswordHash;

/** The help desk makes accounts for TLS 1.0 devices in a browser, without scripts. */
class AccountsPageIT {
  @RegisterExtension static final Lab lab = new Lab();

  private static final String HASH = PasswordHash.of("correct horse".toCharArray()).encoded();
  private static final Duration TIMEOUT = Duration.ofMinutes(2);
  private static final String LONG_DOMAIN = "d".repeat(55) + ".example";

  private static CurlMailDevice curl;
  private static PostOffice office;
  private static Daemon daemon;
  private static Browser browser;

  @BeforeAll
  static void start() {
    Browser.require();
    CloudTenant tenant = CloudTenant.start(lab);
    office = tenant.office().mails();
    curl = new CurlMailDevice(lab, "1.0");
    InetSocketAddress admin = new InetSocketAddress(Loopback.V4, Loopback.freePort(Loopback.V4));
    Path folder = lab.directory("daemon");
    daemon =
        Daemon.start(
            lab,
            Machine.HERE,
            folder,
            tenant
                    .yaml(
                        tenant.bySecret(),
                        List.of(),
                        MailListener.signingIn(
                            TlsForm.STARTTLS, office.origin(Mail.SMTP, TlsForm.STARTTLS)))
                    .replaceFirst(
                        "accounts:\\s+-\\s*$",
                        "accountsFile: \""
                            + folder.resolve("accounts.yaml")
                            + "\"\n  allowedMailboxes: [\"@corp.example\", \"@"
                            + LONG_DOMAIN
                            + "\"]\n")
                + """
                admin:
                  bind: "%1$s"
                  users:
                    - {name: boss, role: administrator, passwordHash: '%2$s'}
                    - {name: ops, role: operator, passwordHash: '%2$s'}
                    - {name: intern, passwordHash: '%2$s'}
                devices: {reverseDns: false}
                """
                    .formatted(Loopback.text(admin), HASH));
    browser = Browser.start(lab, "http://" + Loopback.text(admin));
    browser.on(1280, 1000, "light").scripts(false);
  }

  /** Again and again, because a busy machine may be too slow to check a password in time. */
  private static void signIn(String name) {
    await()
        .atMost(TIMEOUT)
        .until(
            () -> {
              browser.open("/accounts");
              if (browser.path().startsWith("/sign-in")) {
                type("name", name);
                type("password", "correct horse");
                press("form.sign-in");
              }
              return browser.title().startsWith("Accounts");
            });
  }

  private static void signOut() {
    browser.open("/sign-in");
    press("form[action='/sign-out']");
  }

  private static void type(String field, String text) {
    browser.element("input[name='" + field + "']").clear();
    browser.element("input[name='" + field + "']").sendKeys(text);
  }

  private static void press(String form) {
    browser.element(form + " button").click();
  }

  private static String text() {
    return browser.element("main").getText();
  }

  /** Colours change slowly when the scheme does. */
  private static void assertNoBarriers(int width, int height, String scheme) {
    browser.on(width, height, scheme);
    await().atMost(TIMEOUT).untilAsserted(() -> assertThat(browser.barriers()).isEmpty());
  }

  /** Waits for the page after a form. */
  private static void awaitText(String... parts) {
    await()
        .atMost(TIMEOUT)
        .ignoreExceptions()
        .untilAsserted(() -> assertThat(text()).contains(parts));
  }

  /** Adds an account as its page asks for it, and reads the password. */
  private static Account add(String login, String mailbox) {
    browser.open("/accounts");
    if (browser.element("main details").getDomAttribute("open") == null) {
      browser.element("main details summary").click();
    }
    type("login", login);
    type("mailbox", mailbox);
    type("networks", "127.0.0.0/8");
    press("form[action='/accounts/add']");
    await().atMost(TIMEOUT).until(() -> browser.title().startsWith("New passwords"));
    return new Account(login, browser.element("code.password").getText());
  }

  private static Way way() {
    return Way.fixed(daemon, "smtp-starttls", Mail.SMTP, TlsForm.STARTTLS);
  }

  private static Run send(Account account, String mailbox) {
    return curl.attempt(way(), account, Letter.small(new Account(mailbox, "")));
  }

  private static void type(Child device, String line, String reply) {
    device.type(line + "\r\n");
    device.awaitOutput(Pattern.compile("(?m)^" + reply));
  }

  /** A device of TLS 1.0 that has signed in and begins a message. */
  private static Child sending(Account account, String mailbox) {
    Child device =
        lab.add(Child.start(new ProcessBuilder(new OpensslMailDevice("-tls1").command(way()))));
    type(device, "EHLO device.example", "250.AUTH [A-Z ]*PLAIN");
    type(device, "AUTH PLAIN " + account.plain(), "235 ");
    type(device, "MAIL FROM:<" + mailbox + ">", "250 ");
    return device;
  }

  @Test
  void anOperatorAddsAnAccountThatSignsInUntilItIsDisabled() {
    String mailbox = LocalLogins.mailbox(0).address();
    signIn("ops");
    assertThat(text()).contains("There is no account yet.");
    browser.picture("accounts-empty");
    Account account = add("scanner", mailbox);

    assertThat(account.password()).matches("[a-z2-9]{16}");
    assertThat(text())
        .contains("Outgoing mail server (SMTP)", "STARTTLS, leads to localhost", mailbox);
    browser.picture("accounts-password");
    browser.scripts(true);
    for (int width : List.of(1280, 390)) {
      assertNoBarriers(width, 1000, "dark");
      browser.picture("accounts-password-" + width);
    }
    browser.on(1280, 1000, "light").scripts(false);
    browser.open("/accounts");
    assertThat(text()).contains("waiting for its first sign-in").doesNotContain("any address");

    await().atMost(TIMEOUT).until(() -> send(account, mailbox).exit() == 0);
    browser.open("/accounts");
    assertThat(text()).contains("signed in just now from 127.0.0.1");
    browser.picture("accounts-list");

    Child open = sending(account, mailbox);
    int mark = daemon.mark();
    browser.link("scanner").click();
    browser.scripts(true);
    for (int width : List.of(1280, 390)) {
      for (String scheme : List.of("light", "dark")) {
        assertNoBarriers(width, 1000, scheme);
        browser.picture("accounts-account-" + width + "-" + scheme);
      }
    }
    browser.on(1280, 1000, "light").scripts(false);
    browser.element("section[aria-labelledby=state] button").click();
    awaitText("Disabled. Its sessions end within seconds.");
    open.awaitExit();
    daemon.awaitSessionLine(mark, "reason", "access_revoked");
    assertThat(send(account, mailbox).output()).contains("< 535 5.7.8 ");
    daemon.awaitOutput(mark, "account " + mailbox + " is disabled");
    signOut();
  }

  @Test
  void twoPeopleDoNotChangeOneAccountAtTheSameTime() {
    String mailbox = LocalLogins.mailbox(1).address();
    signIn("boss");
    Account account = add("copier", mailbox);
    browser.open("/accounts/account/copier");
    CommandLineRun.of(
            "accounts", "remove", "copier", "--config", Daemon.config(daemon.folder()).toString())
        .succeeded();
    browser.element("section[aria-labelledby=change] button").click();
    awaitText("There is no account 'copier' in the accounts file");
    browser.link("Back").click();
    browser.awaitPath("/accounts");
    assertThat(account.password()).isNotEmpty();
    signOut();
  }

  @Test
  void anOperatorImportsATableAndDeletesAnAccount() {
    signIn("ops");
    browser.open("/accounts/table");
    browser
        .element("textarea")
        .sendKeys("login,mailbox,networks\nfax,fax@corp.example,10.1.2.0/24\nbad,nothing,\n");
    press("form[action='/accounts/import']");
    awaitText("Preview: 1 added, 1 refused.", "mailbox: got 'nothing'");
    browser.scripts(true);
    for (int width : List.of(1280, 390)) {
      assertNoBarriers(width, 1000, "dark");
    }
    browser.on(1280, 1000, "light").scripts(false);
    press("form[action='/accounts/import']");
    awaitText("Imported: 1 added, 1 refused; line 3: mailbox: got 'nothing'");
    assertThat(browser.texts("code.password")).hasSize(1);

    browser.open("/accounts?search=fax");
    browser.link("fax").click();
    browser.element("section[aria-labelledby=delete] button").click();
    awaitText("The account fax was deleted.");
    signOut();
  }

  @Test
  void aPasswordIsPrintedAndNotShownAgain() {
    String mailbox = LocalLogins.mailbox(2).address();
    signIn("ops");
    Account account = add("plotter", mailbox);
    assertThat(browser.printedText())
        .contains("Device account plotter", account.password(), mailbox)
        .contains("Outgoing mail server (SMTP)", "STARTTLS, leads to localhost")
        .doesNotContain("Sign out", "Overview", "This page is shown once", "Done");
    assertThat(browser.printedPages()).isEqualTo(1);
    browser.reload();
    assertNotShown(account);
    browser.open("/accounts/account/plotter");
    assertNotShown(account);
    browser.back();
    assertNotShown(account);
    browser.open("/accounts/account/plotter");
    browser.element("section[aria-labelledby=delete] button").click();
    awaitText("The account plotter was deleted.");

    browser.open("/accounts/table");
    browser.element("textarea").sendKeys("login,mailbox\na1," + mailbox + "\na2," + mailbox + "\n");
    press("form[action='/accounts/import']");
    awaitText("Preview: 2 added.");
    press("form[action='/accounts/import']");
    awaitText("Imported: 2 added.");
    assertThat(browser.printedPages()).as("a page for each device").isEqualTo(2);
    for (String login : List.of("a1", "a2")) {
      browser.open("/accounts/account/" + login);
      browser.element("section[aria-labelledby=delete] button").click();
      awaitText("The account " + login + " was deleted.");
    }
    signOut();
  }

  private static void assertNotShown(Account account) {
    assertThat((String) browser.script("return document.documentElement.outerHTML"))
        .doesNotContain(account.password());
  }

  @Test
  void everyPageIsAccessibleForAnAdministrator() {
    String login = "r".repeat(64);
    String page = "/accounts/account/" + login;
    signIn("boss");
    add(login, "m".repeat(64) + "@" + LONG_DOMAIN);
    browser.scripts(true);
    for (int width : List.of(1280, 390)) {
      browser.on(width, 1000, "light").open(page);
      assertThat(
              (Boolean)
                  browser.script(
                      "const it = document.querySelector('.scroll');"
                          + "return it.scrollWidth <= it.clientWidth"))
          .as("the settings of the device fit into " + width)
          .isTrue();
    }
    for (String path :
        PagePaths.all(
            Map.of(
                "/devices/{address}", "/devices/127.0.0.1",
                "/accounts/account/{account}", page,
                "/ca/{file}", "/ca",
                "/manual/*", "/manual/sign-in",
                "/*", "/nowhere"))) {
      // Files are downloaded, and leave the browser where it is.
      if (!path.matches("/(assets|manual)/.*|.*\\.[a-z][a-z0-9]*")) {
        browser.open(path);
        assertNoBarriers(390, 844, "dark");
        assertThat((Long) browser.script("return document.documentElement.scrollWidth"))
            .as(path)
            .isLessThanOrEqualTo(390);
      }
    }
    browser.on(1280, 1000, "light").scripts(false);
    browser.open(page);
    browser.element("section[aria-labelledby=delete] button").click();
    awaitText("The account " + login + " was deleted.");
    signOut();
  }

  @Test
  void aViewerChangesNothing() {
    signIn("intern");
    browser.open("/accounts/table");
    assertThat(text()).contains("This needs the role operator; you have the role viewer.");
    assertThat(browser.texts("main button")).isEmpty();
    browser.open("/accounts");
    assertThat(text())
        .contains("This needs the role operator; you have the role viewer.")
        .doesNotContain("Add an account");
    browser.scripts(true);
    for (int width : List.of(1280, 390)) {
      assertNoBarriers(width, 1000, "light");
    }
    browser.on(1280, 1000, "light").scripts(false);
    signOut();
  }
}
