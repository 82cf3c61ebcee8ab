package org.tlsuplift.server.it.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.tlsuplift.server.it.lab.Account;
import org.tlsuplift.server.it.lab.Daemon;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Loopback;
import org.tlsuplift.server.it.lab.Machine;
import org.tlsuplift.server.it.lab.TestCa;
import org.tlsuplift.server.it.mail.MailListener;
import org.tlsuplift.server.it.peer.Browser;
import org.tlsuplift.server.it.peer.Letter;
import org.tlsuplift.server.it.peer.Mail;
import org.tlsuplift.server.it.peer.OriginVersions;
import org.tlsuplift.server.it.peer.PostOffice;
import org.tlsuplift.server.it.peer.PostfixPort;
import org.tlsuplift.server.it.peer.TlsForm;
import org.tlsuplift.server.signin.PasswordHash;

/** Operators check the mail path, and administrators replace the CA, in a browser. */
class ConsoleActionsIT {
  @RegisterExtension static final Lab lab = new Lab();

  private static final String HASH = PasswordHash.of("correct horse".toCharArray()).encoded();
  private static final Duration TIMEOUT = Duration.ofMinutes(2);

  private static PostOffice office;
  private static ServerSocket slow;
  private static Browser browser;

  @BeforeAll
  static void start() throws IOException {
    Browser.require();
    TestCa ca = new TestCa(lab);
    PostfixPort open = PostfixPort.open();
    office = PostOffice.start(lab, ca.issue("localhost"), OriginVersions.MODERN, open);
    slow = new ServerSocket(0, 50, Loopback.V4);
    InetSocketAddress admin = new InetSocketAddress(Loopback.V4, Loopback.freePort(Loopback.V4));
    String mail = ", whenModern: bridge, mail: {allowedSenders: [\"@corp.example\"]}";
    String yaml =
        MailListener.yaml(
                ca,
                listener("open", open.byName(), mail),
                listener("own", office.origin(Mail.SMTP, TlsForm.STARTTLS).byName(), mail),
                listener("slow", "localhost:" + slow.getLocalPort(), ""))
            .replaceFirst("127.0.0.1:0", "127.0.0.1:" + Loopback.freePort(Loopback.V4))
            .replaceFirst("127.0.0.1:0\\b", "127.0.0.1:" + Loopback.freePort(Loopback.V4));
    Daemon.start(
        lab,
        Machine.HERE,
        yaml
            + """
            admin:
              bind: "%1$s"
              users:
                - {name: boss, role: administrator, passwordHash: '%2$s'}
                - {name: ops, role: operator, passwordHash: '%2$s'}
                - {name: intern, passwordHash: '%2$s'}
              tokens:
                - {name: deploy, sha256: '%3$s', expires: %4$s}
            devices: {reverseDns: false}
            inventory: {flushInterval: 200ms}
            """
                .formatted(
                    Loopback.text(admin),
                    HASH,
                    "0123456789abcdef".repeat(4),
                    LocalDate.now(ZoneOffset.UTC).plusDays(20)));
    browser = Browser.start(lab, "http://" + Loopback.text(admin));
  }

  private static MailListener listener(String name, String origin, String more) {
    return new MailListener(name, Mail.SMTP, "optional", TlsForm.STARTTLS, origin, more);
  }

  @BeforeEach
  void withoutScripts() {
    browser.on(1280, 900, "light").scripts(false);
  }

  @AfterEach
  void signOut() {
    browser.scripts(false);
    browser.open("/sign-in");
    browser.element("form[action='/sign-out'] button").click();
    browser.scripts(true);
    assertThat(browser.complaints()).isEmpty();
    assertThat(browser.strayRequests()).isEmpty();
  }

  private static void signIn(String name, String page) {
    browser.open("/sign-in?next=" + page);
    browser.element("input[name=name]").sendKeys(name);
    browser.element("input[name=password]").sendKeys("correct horse");
    browser.element("form.sign-in").findElement(By.cssSelector("button")).click();
    browser.awaitPath(page);
  }

  private static void click(String action) {
    browser.element("form[action='" + action + "'] button").click();
  }

  private static void awaitText(String text) {
    await()
        .atMost(TIMEOUT)
        .ignoreExceptions()
        .until(() -> browser.texts("main").toString().contains(text));
  }

  private static void checkBarriers(String page, String name) {
    browser.scripts(true);
    browser.assertAccessible(page, width -> browser.picture("console-" + name + "-" + width));
    browser.on(1280, 900, "light").scripts(false);
  }

  private static void run(String listener) {
    browser.element("form[action='/doctor/run'] option[value='" + listener + "']").click();
    click("/doctor/run");
  }

  /** The browser reads the page again by itself. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void anOperatorSeesEachStepOfTheDoctorAsItHappens(boolean scripts) throws Exception {
    signIn("ops", "/doctor");
    browser.scripts(scripts);
    browser.open("/doctor");
    if (scripts) {
      browser.tabTo("form[action='/doctor/run'] select");
      browser.press("slow");
      browser.tabTo("form[action='/doctor/run'] button");
      browser.press(Keys.ENTER);
    } else {
      run("slow");
    }
    awaitText("localhost is 127.0.0.1");
    assertThat(browser.texts("main").toString()).contains("The next step is running");
    browser.picture("console-doctor-running-" + scripts);
    slow.accept().close();
    awaitText("It has ended.");
    assertThat(browser.texts("#steps .badge")).contains("ok", "failed");
    assertThat(browser.texts("#steps").toString())
        .contains("Doctor: listener slow", "Listener slow, to localhost:")
        .doesNotContain("The next step is running");
    browser.open("/doctor");
    run("open");
    awaitText("It has ended.");
    assertThat(browser.texts("#steps .badge")).doesNotContain("failed");
    assertThat(browser.texts("#steps").toString()).contains("for localhost, by CN=");
    checkBarriers("/doctor", "doctor");
  }

  @Test
  void anOperatorSendsATestMessage() {
    Account account = office.newAccount();
    signIn("ops", "/doctor");
    browser.element("form[action='/doctor/send'] option[value=open]").click();
    browser.element("input[name=from]").sendKeys(account.address());
    browser.element("input[name=to]").sendKeys("victim@fabrikam.com");
    click("/doctor/send");
    awaitText("Not done");
    assertThat(browser.texts("main").toString())
        .contains("an operator may use the domains", "(corp.example)");
    assertThat(browser.complaints()).singleElement().asString().contains("400");
    browser.open("/doctor");
    browser.element("input[name=from]").sendKeys(account.address());
    browser.element("input[name=to]").sendKeys(account.address());
    click("/doctor/send");
    awaitText("It has ended.");
    assertThat(browser.texts("#steps").toString())
        .contains("Test message to " + account.address(), "TLSv1.2, TLS_", "250 2.0.0 Ok: queued");
    assertThat(browser.texts("#steps .badge")).doesNotContain("failed");
    assertThat(Letter.read(office.awaitMail(account))).contains("Test message of TLS Uplift");
  }

  /** A device that signs in at the origin itself has no account here. */
  @Test
  void anOperatorSendsATestMessageAsADeviceThatSignsInAtTheOrigin() {
    Account account = office.newAccount();
    signIn("ops", "/doctor");
    for (String password : List.of(account.password() + "x", account.password())) {
      browser.open("/doctor");
      browser.element("form[action='/doctor/send'] option[value=own]").click();
      browser
          .element("form[action='/doctor/send'] input[name=account]")
          .sendKeys(account.address());
      browser.element("input[name=password]").sendKeys(password);
      browser.element("input[name=from]").sendKeys(account.address());
      browser.element("input[name=to]").sendKeys(account.address());
      click("/doctor/send");
      awaitText("It has ended.");
      boolean right = password.equals(account.password());
      assertThat(browser.texts("#steps").toString())
          .contains("AUTH", right ? "250 2.0.0 Ok: queued" : "535 ")
          .doesNotContain(account.password());
    }
    assertThat(Letter.read(office.awaitMail(account))).contains("Test message of TLS Uplift");
  }

  @Test
  void anAdministratorReplacesTheCa() {
    signIn("boss", "/ca");
    click("/ca/stage");
    awaitText("Done: staged SHA-256 ");
    checkBarriers("/ca", "ca");
    browser.open("/ca");
    assertThat(browser.texts("form[action='/ca/activate'] p").get(0))
        .contains("each device that does not trust this CA refuses new connections");
    click("/ca/activate");
    awaitText("Done: signs now SHA-256 ");
    click("/ca/undo");
    awaitText("Done: the previous CA signs again.");
    click("/ca/undo");
    awaitText("Done: the staged CA is dropped.");
    checkBarriers("/configuration", "configuration");
    browser.open("/configuration");
    assertThat(browser.element("pre").getText())
        .contains("passwordHash: (hidden)", "sha256: (hidden)")
        .doesNotContain("argon2id");
  }

  @Test
  void anOperatorAcknowledgesAnExpiry() {
    signIn("ops", "/");
    browser.element("#expiring ~ ul summary").click();
    browser.element("input[name=note]").sendKeys("renewed in June");
    click("/acknowledgements/add");
    awaitText("Acknowledged.");
    awaitText("Acknowledged by ops on ");
    assertThat(browser.texts("main").toString()).contains("renewed in June");
    checkBarriers("/", "overview");
    browser.open("/");
    browser.element("#expiring ~ ul summary").click();
    click("/acknowledgements/remove");
    awaitText("Taken back.");
  }

  @Test
  void aViewerReadsWhyNothingCanBeDone() {
    signIn("intern", "/doctor");
    for (String page : List.of("/", "/doctor", "/ca")) {
      browser.open(page);
      assertThat(browser.texts("main button")).as(page).isEmpty();
      assertThat(browser.texts("main").toString())
          .as(page)
          .contains("This needs the role", "you have the role viewer");
    }
  }
}
