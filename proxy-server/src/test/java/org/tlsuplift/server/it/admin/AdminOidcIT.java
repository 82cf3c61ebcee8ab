package org.tlsuplift.server.it.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.tlsuplift.server.it.lab.CommandLineRun;
import org.tlsuplift.server.it.lab.Daemon;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Loopback;
import org.tlsuplift.server.it.lab.Machine;
import org.tlsuplift.server.it.lab.TestCa;
import org.tlsuplift.server.it.peer.Browser;
import org.tlsuplift.server.it.peer.OidcProvider;
import org.tlsuplift.server.signin.PasswordHash;

/** People sign in at a real OpenID provider, in a browser. */
class AdminOidcIT {
  @RegisterExtension static final Lab lab = new Lab();

  private static Path config;
  private static Browser browser;
  private static Daemon daemon;
  private static OidcProvider provider;

  @BeforeAll
  static void start() {
    Browser.require();
    TestCa ca = new TestCa(lab);
    InetSocketAddress admin = new InetSocketAddress(Loopback.V4, Loopback.freePort(Loopback.V4));
    String site = "https://localhost:" + admin.getPort();
    provider = OidcProvider.start(lab, ca.issue("127.0.0.1"), site + "/sign-in/openid/return");
    Path folder = lab.directory("daemon");
    daemon =
        Daemon.start(
            lab,
            Machine.HERE,
            folder,
            """
            admin:
              bind: "%s"
              tls: auto
              serverNames: [localhost]
              users: [{name: emergency, role: administrator, passwordHash: '%s'}]
              openIdConnect:
                issuer: %s
                clientId: %s
                clientSecretFile: %s
                roles:
                  viewer: uplift-viewers
                  administrator: [uplift-administrators]
            upstream: {trust: %s}
            routes: [{to: ["localhost:1024-65535"], action: bridge}]
            devices: {reverseDns: false}
            inventory: {notSeenAfter: 30d}
            listeners:
              - {name: web, bind: "127.0.0.1:0", accept: http-connect, profile: legacy}
            """
                .formatted(
                    Loopback.text(admin),
                    PasswordHash.of("correct horse".toCharArray()).encoded(),
                    provider.issuer(),
                    OidcProvider.CLIENT,
                    Lab.privately(lab.file("secret", OidcProvider.SECRET + "\n")),
                    ca.file()));
    config = Daemon.config(folder);
    browser = Browser.acceptingAllCertificates(lab, site).on(1280, 900, "light");
  }

  @AfterEach
  void forget() {
    browser.forgetCookies();
  }

  /** Signs in at the provider's page. */
  private static void signIn(String user) {
    browser.link("Sign in with 127.0.0.1").click();
    browser.element("input[name=login]").sendKeys(user);
    browser.element("input[name=password]").sendKeys("any");
    browser.element("button[type=submit]").click();
  }

  @Test
  void anAdministratorReloads() throws Exception {
    browser.open("/configuration");
    assertThat(browser.path()).isEqualTo("/sign-in?next=%2Fconfiguration");
    assertThat(browser.attributes("main input", "name"))
        .containsExactly("next", "name", "password");
    browser.picture("sign-in-openid");
    signIn("boss");
    browser.awaitPath("/configuration");
    assertThat(browser.element("main").getText()).contains("Generation 1, in use since");

    Files.writeString(
        config, Files.readString(config).replace("notSeenAfter: 30d", "notSeenAfter: 31d"));
    browser.open("/configuration");
    browser.element("form[action='/configuration/reload'] button").click();
    assertThat(browser.texts(".notice"))
        .containsExactly("Reloaded. These keys have changed: inventory.notSeenAfter.");
    await()
        .untilAsserted(
            () ->
                assertThat(browser.open("/audit").element("main").getText())
                    .contains("boss@corp.example", "sign-in", "configuration.reload"));
    assertThat(browser.texts("tbody td[data-label=Who]"))
        .as("each record has issuer and sub, since the provider's users may change their names")
        .contains("boss@corp.example administrator " + provider.issuer() + " boss")
        .filteredOn(who -> who.startsWith("boss@corp.example"))
        .allMatch(who -> who.endsWith(" " + provider.issuer() + " boss"));

    for (String scheme : List.of("light", "dark")) {
      browser.on(390, 900, scheme).open("/sign-in?problem=again&next=%2Faudit");
      browser.picture("sign-in-openid-" + scheme);
      assertThat(browser.barriers()).isEmpty();
    }
    browser.on(1280, 900, "light");
    signIn("boss");
    browser.awaitPath("/audit");
    browser.open("/sign-in");
    browser.element("form[action='/sign-out'] button").click();
    browser.open("/configuration");
    assertThat(browser.path()).startsWith("/sign-in?next=");
    assertThat(daemon.output()).doesNotContain(OidcProvider.SECRET).doesNotContain("eyJ");
  }

  @Test
  void theDoctorChecksTheProvider() {
    browser.open("/doctor");
    signIn("boss");
    browser.awaitPath("/doctor");
    browser.element("form[action='/doctor/run'] button").click();
    await()
        .untilAsserted(() -> assertThat(browser.texts("#steps").toString()).contains("has ended"));
    assertThat(browser.texts("#steps").toString())
        .contains("has the issuer of the configuration", "PS256", "for ID tokens")
        .contains("the provider must have https://localhost:")
        .contains("/sign-in/openid/return");
    assertThat(browser.texts("#steps .badge")).doesNotContain("failed");
    assertThat(CommandLineRun.of("doctor", "--config", config.toString()).succeeded().output())
        .contains("sign-in to the pages, at " + provider.issuer());
  }

  @Test
  void aViewerReadsAndChangesNothing() {
    browser.open("/configuration");
    signIn("intern");
    browser.awaitPath("/configuration");
    assertThat(browser.element("main").getText())
        .contains("This needs the role administrator; you have the role viewer.");
    assertThat(browser.texts("main button")).isEmpty();
  }

  @Test
  void someoneWithoutARoleLearnsWhomToAsk() {
    browser.open("/sign-in");
    signIn("guest");
    browser.awaitPath("/sign-in/openid/return");
    assertThat(browser.element("main").getText())
        .contains("You have no role here: ask for one of uplift-administrators, uplift-viewers.");
    browser.open("/configuration");
    assertThat(browser.path()).startsWith("/sign-in?next=");
    assertThat(daemon.output()).contains("guest@corp.example has no role: the claim 'roles'");
  }

  @Test
  void anotherBrowsersResponseIsRefused() {
    for (String query : List.of("", "?code=x&state=y", "?error=access_denied&state=y")) {
      browser.open("/sign-in/openid/return" + query);
      assertThat(browser.element("main").getText())
          .contains("This browser has begun no such sign-in");
    }
  }
}
