package org.tlsuplift.server.it.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.openqa.selenium.By;
import org.tlsuplift.server.it.lab.Daemon;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Loopback;
import org.tlsuplift.server.it.lab.Machine;
import org.tlsuplift.server.it.peer.Browser;
import org.tlsuplift.server.signin.PasswordHash;

/** People sign in and change something, in a browser. */
class AdminActionsIT {
  @RegisterExtension static final Lab lab = new Lab();

  private static final String HASH = PasswordHash.of("correct horse".toCharArray()).encoded();

  private static Path config;
  private static Browser browser;

  @BeforeAll
  static void start() {
    Browser.require();
    InetSocketAddress admin = new InetSocketAddress(Loopback.V4, Loopback.freePort(Loopback.V4));
    Path folder = lab.directory("daemon");
    Daemon.start(
        lab,
        Machine.HERE,
        folder,
        """
        admin:
          bind: "%s"
          users:
            - {name: boss, role: administrator, passwordHash: '%s'}
            - {name: intern, passwordHash: '%s'}
        routes: [{to: ["localhost:1024-65535"], action: bridge}]
        devices: {reverseDns: false}
        inventory: {notSeenAfter: 30d}
        listeners:
          - {name: web, bind: "127.0.0.1:0", accept: http-connect, profile: legacy}
        """
            .formatted(Loopback.text(admin), HASH, HASH));
    config = Daemon.config(folder);
    browser = Browser.start(lab, "http://" + Loopback.text(admin));
  }

  @BeforeEach
  void withoutScripts() {
    browser.on(1280, 900, "light").scripts(false);
  }

  @AfterEach
  void signOutAndCheckComplaints() {
    browser.open("/sign-in");
    browser.element("form[action='/sign-out'] button").click();
    assertThat(browser.texts(".notice")).containsExactly("You have signed out.");
    browser.open("/configuration");
    assertThat(browser.path()).startsWith("/sign-in?next=");
    browser.scripts(true);
    assertThat(browser.complaints()).isEmpty();
    assertThat(browser.strayRequests()).isEmpty();
  }

  private static void signIn(String name, String password) {
    browser.element("input[name=name]").clear();
    browser.element("input[name=name]").sendKeys(name);
    browser.element("input[name=password]").sendKeys(password);
    browser.element("form.sign-in").findElement(By.cssSelector("button")).click();
  }

  @Test
  void anAdministratorReloadsWithoutScripts() throws Exception {
    browser.open("/configuration");
    assertThat(browser.path()).isEqualTo("/sign-in?next=%2Fconfiguration");
    signIn("boss", "wrong");
    assertThat(browser.texts(".notice")).containsExactly("The name or the password is wrong.");
    signIn("boss", "correct horse");
    browser.awaitPath("/configuration");
    assertThat(browser.element("main").getText()).contains("Generation 1, in use since");

    Files.writeString(
        config, Files.readString(config).replace("notSeenAfter: 30d", "notSeenAfter: 31d"));
    browser.open("/configuration");
    assertThat(browser.texts("main li code")).containsExactly("inventory.notSeenAfter");
    browser.element("form[action='/configuration/reload'] button").click();
    assertThat(browser.texts(".notice"))
        .containsExactly("Reloaded. These keys have changed: inventory.notSeenAfter.");
    browser.scripts(true);
    for (String page : List.of("/configuration", "/audit", "/sign-in?problem=again")) {
      for (int width : List.of(1280, 390)) {
        browser.on(width, 900, "dark").open(page);
        assertThat(browser.barriers()).as(page).isEmpty();
      }
    }
  }

  @Test
  void timesAreInTheZoneOfTheReaderAndTheNavigationFitsOneRow() {
    browser.scripts(true);
    browser.zone("Pacific/Kiritimati").open("/configuration");
    signIn("boss", "correct horse");
    browser.awaitPath("/configuration");
    assertThat(browser.texts("#zone"))
        .containsExactly("times in Pacific/Kiritimati, days and charts in UTC");
    // 14 hours before UTC.
    assertThat(
            browser.script(
                """
                const time = document.querySelector('main time');
                return Date.parse(time.textContent.replace(' ', 'T') + 'Z')
                    - Date.parse(time.title.replace(' UTC', 'Z').replace(' ', 'T'))
                """))
        .isEqualTo(14 * 3_600_000L);
    assertThat(
            browser.script(
                """
                const list = document.querySelector('header nav ul');
                list.append(list.lastElementChild.cloneNode(true));
                list.lastElementChild.firstElementChild.textContent = 'Waiting (1,234)';
                return list.offsetHeight - list.lastElementChild.offsetHeight
                """))
        .as("further rows of the navigation, in pixels")
        .isEqualTo(0L);
    browser.zone("").scripts(false);
    browser.open("/configuration");
    assertThat(browser.texts("main time")).isEmpty();
    assertThat(browser.element("main").getText()).contains(" UTC.");
  }

  @Test
  void aViewerReadsWhyNothingCanBeChanged() {
    browser.open("/configuration");
    signIn("intern", "correct horse");
    browser.awaitPath("/configuration");
    assertThat(browser.element("main").getText())
        .contains("This needs the role administrator; you have the role viewer.");
    assertThat(browser.texts("main button")).isEmpty();
  }
}
