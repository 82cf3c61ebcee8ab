package org.tlsuplift.server.it.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;
import org.tlsuplift.server.inventory.jdbc.Fleet;
import org.tlsuplift.server.it.lab.Daemon;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Loopback;
import org.tlsuplift.server.it.lab.Machine;
import org.tlsuplift.server.it.peer.Browser;
import org.tlsuplift.server.signin.PasswordHash;

/** Operators write about devices in a browser, and viewers read it. */
class DeviceNotesIT {
  @RegisterExtension static final Lab lab = new Lab();

  private static final String HASH = PasswordHash.of("correct horse".toCharArray()).encoded();
  private static final int DEVICES = 40;

  private static Browser browser;

  @BeforeAll
  static void start() throws Exception {
    Browser.require();
    InetSocketAddress admin = new InetSocketAddress(Loopback.V4, Loopback.freePort(Loopback.V4));
    Path folder = lab.directory("daemon");
    Path data = Files.createDirectory(Daemon.data(folder));
    Fleet.create(data.resolve("inventory.db"), DEVICES, Instant.now()).close();
    Daemon.start(
        lab,
        Machine.HERE,
        folder,
        """
        admin:
          bind: "%s"
          users:
            - {name: help, role: operator, passwordHash: '%s'}
            - {name: intern, passwordHash: '%s'}
        routes: [{to: ["localhost:1024-65535"], action: bridge}]
        devices: {reverseDns: false}
        listeners:
          - {name: web, bind: "127.0.0.1:0", accept: http-connect, profile: legacy}
        """
            .formatted(Loopback.text(admin), HASH, HASH));
    browser = Browser.start(lab, "http://" + Loopback.text(admin));
  }

  private static String device(int n) {
    return Fleet.address(n).getHostAddress();
  }

  @BeforeEach
  void withoutScripts() {
    browser.on(1280, 900, "light").scripts(false);
  }

  @AfterEach
  void signOutAndCheckComplaints() {
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
    browser.element("form.sign-in button").click();
    browser.awaitPath(page);
  }

  private static void write(String field, String text) {
    WebElement input = browser.element("form[action='/devices/edit'] input[name=" + field + "]");
    input.clear();
    input.sendKeys(text);
  }

  private static void save() {
    browser.element("form[action='/devices/edit'] button").click();
  }

  @Test
  void anOperatorWritesAboutADeviceAndFindsIt() {
    signIn("help", "/devices/" + device(20));
    write("owner", "it@contoso.com");
    write("place", "\u00c4rztehaus, 2nd floor");
    write("tags", "vip printers");
    write("note", "<script>alert(1)</script>");
    save();
    browser.awaitPath("/devices/" + device(20));
    assertThat(browser.texts("main .notice[role=status] strong")).contains("Saved.");
    browser.open("/devices?tag=vip");
    assertThat(browser.texts("tbody tr td.owner")).containsExactly("it@contoso.com");
    assertThat(browser.texts("tbody tr th a")).containsExactly("prn-00020.floor2.corp.example");
    browser.open("/devices?place=%C3%84rzte&owner=IT@");
    assertThat(browser.texts("tbody tr td.place .tag")).containsExactly("printers", "vip");
    browser.element("tbody .tag").click();
    browser.awaitPath("tag=printers");
    assertThat(browser.texts("thead th"))
        .startsWith("Name", "Address", "Owner", "Place")
        .endsWith("State");
  }

  @Test
  void theSecondOfTwoPeopleSeesWhatTheFirstWrote() {
    signIn("help", "/devices/" + device(21));
    browser.scripts(true);
    browser.open("/devices/" + device(21));
    // The form that is open is as old as that of a person who opened it before another one saved.
    browser.script(
        """
        const form = document.querySelector("form[action='/devices/edit']");
        form.owner.value = 'mine';
        form.version.value = 'of an earlier form';
        """);
    save();
    browser.awaitPath("/devices/edit");
    assertThat(browser.texts("main [role=alert] strong"))
        .containsExactly(
            "Not saved: another person has changed this device since you opened the form.");
    assertThat(browser.element("input[name=owner]").getDomProperty("value")).isEqualTo("mine");
    assertThat(browser.complaints()).hasSize(1).first().asString().contains("409 (Conflict)");
    save();
    browser.awaitPath("/devices/" + device(21));
    assertThat(browser.element("input[name=owner]").getDomProperty("value")).isEqualTo("mine");
  }

  @Test
  void anOperatorImportsATableFromExcel() {
    signIn("help", "/devices/import");
    Path file =
        lab.file(
            "assets.csv",
            "\ufeffAddress;Owner;Place;Tags\r\n"
                + device(30)
                + ";facility@contoso.com;\"Floor 3; east\";phones\r\n"
                + device(31)
                + ";M\u00fcller;;phones\r\n"
                + "192.0.2.77;x;y;z\r\n"
                + device(32)
                + ";x;y;Wrong-Tag\r\n");
    browser.element("input[type=file]").sendKeys(file.toString());
    browser.element("form[action='/devices/import'] button").click();
    assertThat(browser.texts("#summary"))
        .containsExactly(
            "Preview: 2 lines changed, 1 line unknown, 1 line refused. Nothing has changed yet.");
    assertThat(browser.texts("tbody .chip"))
        .containsExactly("changed", "changed", "unknown", "refused");
    List<String> barriers = new ArrayList<>();
    browser.scripts(true);
    for (int width : List.of(1280, 390)) {
      barriers.addAll(browser.on(width, 900, "light").barriers());
      browser.picture("devices-import-" + width);
    }
    assertThat(barriers).isEmpty();
    browser.scripts(false);
    browser.element("form[action='/devices/import'] button").click();
    browser.awaitPath("/devices");
    assertThat(browser.texts("main .notice[role=status] strong"))
        .containsExactly("2 devices changed.");
    browser.open("/devices?tag=phones&sort=owner");
    assertThat(browser.texts("td.owner")).containsExactly("M\u00fcller", "facility@contoso.com");
  }

  /** Umlauts are the longest of the usual characters, and browsers send CRLF for each line end. */
  @Test
  void aTableWithAPreviewCanBeApplied() {
    signIn("help", "/devices/import");
    StringBuilder table = new StringBuilder("address;note\n" + device(35) + ";\u00c4nderung\n");
    String unknown = "192.0.2.7;" + "\u00fc".repeat(495) + "\n";
    while (bytes(table + unknown) <= 240 * 1024) {
      table.append(unknown);
    }
    table.append("x".repeat(240 * 1024 - bytes(table.toString())));
    upload("fits.csv", table.toString());
    assertThat(browser.element("#summary").getText()).contains("1 line changed", "unknown");
    click();
    browser.awaitPath("/devices");
    assertThat(browser.texts("main .notice[role=status] strong"))
        .containsExactly("1 device changed.");
    browser.open("/devices/import");
    upload("large.csv", table + "x");
    assertThat(browser.element("main").getText())
        .contains("The table has 245761 bytes; 245760 are allowed; import it in two parts");
    assertThat(browser.complaints()).singleElement().asString().contains("413");
  }

  private static int bytes(String table) {
    return table.replace("\n", "\r\n").getBytes(StandardCharsets.UTF_8).length;
  }

  private static void upload(String name, String table) {
    browser.element("input[type=file]").sendKeys(lab.file(name, table).toString());
    click();
  }

  private static void click() {
    browser.element("form[action='/devices/import'] button").click();
  }

  @Test
  void aViewerReadsWhyNothingCanBeChanged() {
    signIn("intern", "/devices/" + device(22));
    assertThat(browser.element("section[aria-labelledby=notes]").getText())
        .contains("This needs the role operator; you have the role viewer.");
    assertThat(browser.texts("main button")).isEmpty();
    browser.open("/devices/import");
    assertThat(browser.element("main").getText()).contains("This needs the role operator");
    assertThat(browser.texts("main button")).isEmpty();
  }

  @Test
  void thePagesWorkByKeyboardOnEveryScreen() {
    signIn("help", "/devices/" + device(23));
    write("owner", "network-team@contoso.com");
    write("place", "Headquarters, building 7, 3rd floor, room 3.14");
    write("tags", "hq printers");
    save();
    browser.scripts(true);
    for (String page : List.of("/devices", "/devices?tag=hq", "/devices/import")) {
      browser.assertAccessible(page, width -> {});
    }
    for (int width : List.of(1280, 390)) {
      browser.on(width, 1500, "light").open("/devices?sort=owner&order=desc");
      browser.picture("devices-notes-" + width);
      browser.open("/devices?ended=no&tag=printers").picture("devices-filters-" + width);
      browser.open("/devices/" + device(23));
      assertThat(browser.barriers()).isEmpty();
      browser.picture("device-notes-" + width);
      browser.open("/devices/import").picture("devices-import-form-" + width);
    }
    browser.on(1280, 900, "dark").open("/devices/" + device(23));
    browser.tabTo("input[name=note]");
    browser.press("to be replaced", Keys.ENTER);
    browser.awaitPath("/devices/" + device(23));
    assertThat(browser.element("input[name=note]").getDomProperty("value"))
        .isEqualTo("to be replaced");
  }
}
