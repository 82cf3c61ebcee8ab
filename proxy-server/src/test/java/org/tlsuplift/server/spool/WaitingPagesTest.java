package org.tlsuplift.server.spool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlsuplift.server.feature.Change;
import org.tlsuplift.server.feature.Role;
import org.tlsuplift.server.http.BadRequestException;
import org.tlsuplift.server.http.Request;
import org.tlsuplift.server.http.Response;
import org.tlsuplift.server.http.Visitor;
import org.tlsuplift.server.http.pages.PagesRig;
import org.tlsuplift.server.inventory.VerdictRules;
import org.tlsuplift.server.inventory.record.WrittenInventory;

/** Operators see which messages wait and why, and change them. */
class WaitingPagesTest {
  private static final Instant NOW = PagesRig.NOW;

  @TempDir Path folder;
  private final MemorySpool spool = new MemorySpool();
  private PagesRig rig;

  @BeforeEach
  void write() throws Exception {
    WrittenInventory written =
        new WrittenInventory(folder.resolve("inventory.db"), VerdictRules.defaults(), NOW);
    written.sawNamed("10.0.0.1", NOW.minusSeconds(3600), "submission", "SCANNER1");
    written.write();
    rig = new PagesRig(written, spool);
  }

  @AfterEach
  void close() {
    rig.close();
  }

  private String page(Role role) throws Exception {
    Visitor visitor = new Visitor("ops", role, Visitor.By.SESSION, path -> "token of " + path);
    return PagesRig.text(rig.ask(new Request("/waiting", "", Map.of(), Map.of(), visitor)));
  }

  @Test
  void theNavigationHasItsOrder() throws Exception {
    String page = page(Role.VIEWER);
    String navigation = page.substring(page.indexOf("<nav "), page.indexOf("</nav>"));
    assertThat(navigation.replaceAll("<[^>]*>", "").strip().lines())
        .containsExactly(
            "Overview",
            "Devices",
            "Messages",
            "Waiting",
            "Accounts",
            "Switch off",
            "CA certificate",
            "Microsoft 365",
            "Doctor",
            "Configuration",
            "Manual");
  }

  @Test
  void showsWhyTheOldestWaitsAndWhatToDo() throws Exception {
    spool
        .add("m1", NOW.minus(Duration.ofHours(5)), "<script>\u202e@x.example", MemorySpool.BUSY)
        .add("m2", NOW.minus(Duration.ofMinutes(2)), "", "connection refused");
    assertThat(rig.act("/waiting/hold", Map.of("id", "m2")).change())
        .isEqualTo(Change.done("m2", "from <> to bob@fabrikam.com, eve@fabrikam.com", "held"));

    String page = page(Role.OPERATOR);

    assertThat(page)
        .contains("2 messages, 104 kB, 1 held. The oldest was accepted 5 h ago.")
        .contains("class=\"notice warn\"", "href=\"/manual/spool#when-messages-wait\"")
        .contains("href=\"/devices/10.0.0.1\"", "SCANNER1", "mailbox <bdi>scanner@contoso.com")
        .contains("432 4.3.2 Concurrent", "href=\"/manual/microsoft-replies#432-432\"")
        .contains("2026-11-25 16:34 UTC", "connection refused", "<bdi>&lt;&gt;</bdi>")
        .contains("action=\"/waiting/drop\"", "token of /waiting/release", "value=\"m1\"")
        .contains("aria-current=\"page\">Waiting (2)</a>")
        .doesNotContain("<script>\u202e", "\u202e", "onclick");
    assertThat(page.split("action=\"/waiting/hold\"", -1)).as("only m1").hasSize(2);
    assertThat(rig.text("/messages")).contains("<a href=\"/waiting\">");
  }

  @Test
  void viewersReadOnly() throws Exception {
    spool.add("m1", NOW, "scanner@contoso.com", "");

    assertThat(page(Role.VIEWER))
        .contains("1 message, 52 kB, 0 held.", "This needs the role operator")
        .doesNotContain("action=\"/waiting", "notice warn");
  }

  @Test
  void listsTheOldestOnly() throws Exception {
    for (int i = 0; i < 201; i++) {
      spool.add("m" + i, NOW.minusSeconds(300 - i), "scanner@contoso.com", "");
    }

    String page = rig.text("/waiting");

    assertThat(page).contains("201 messages", "The 200 oldest are below.");
    assertThat(page.split("rowheader", -1)).hasSize(201);
  }

  @Test
  void operatorsRetryReleaseAndDelete() throws Exception {
    spool.add("m1", NOW, "scanner@contoso.com", MemorySpool.BUSY);
    Map<String, String> first = Map.of("id", "m1");

    assertThat(rig.act("/waiting/retry", first).notice()).isEqualTo("Message m1: due now.");
    assertThat(rig.text("/waiting")).contains("now");
    var unused = rig.act("/waiting/hold", first);
    assertThat(rig.text("/waiting")).contains("1 held.");
    assertThat(rig.act("/waiting/release", first).change().after()).isEqualTo("released");
    spool.claim();
    assertThat(rig.act("/waiting/retry", first).change().after())
        .isEqualTo("an attempt is running already");
    assertThat(rig.act("/waiting/hold", first).change().after())
        .startsWith("held; an attempt was running");
    assertThat(rig.act("/waiting/drop", first).notice())
        .isEqualTo(
            "Message m1: deleted; an attempt was running and is ended within a minute, so the message may still arrive.");
    refuses("/waiting/drop", "no message with this ID waits");
  }

  @Test
  void operatorsRetryAllThatAreNotHeld() throws Exception {
    spool.add("m1", NOW, "a@contoso.com", "").add("m2", NOW, "b@contoso.com", "");
    var unused = rig.act("/waiting/hold", Map.of("id", "m2"));
    assertThat(page(Role.OPERATOR)).contains("action=\"/waiting/retry-all\"", ">Try all now<");

    assertThat(rig.act("/waiting/retry-all", Map.of()).change())
        .isEqualTo(Change.done("all", "", "messages due now: 1"));
    assertThat(rig.text("/")).contains("Waiting (2)");
    assertThat(rig.text("/waiting")).contains("1 held.", ">now<");
  }

  @Test
  void refusesToChangeAMessageThatHasLeft() throws Exception {
    spool.add("m1", NOW, "scanner@contoso.com", "");
    assertThat(rig.act("/waiting/drop", Map.of("id", "m1")).change())
        .isEqualTo(
            Change.done(
                "m1",
                "from <scanner@contoso.com> to bob@fabrikam.com, eve@fabrikam.com",
                "deleted"));
    for (String action : List.of("retry", "hold", "release", "drop")) {
      refuses("/waiting/" + action, "no message with this ID waits");
    }
    assertThat(rig.text("/waiting")).contains("No message waits.");
  }

  private void refuses(String action, String why) {
    assertThatThrownBy(() -> rig.act(action, Map.of("id", "m1")))
        .isInstanceOf(BadRequestException.class)
        .hasMessageContaining(why);
  }

  @Test
  void reportsAFailingSpool() throws Exception {
    spool.fail();

    Response response = rig.ask("/waiting", Map.of());

    assertThat(response.status()).isEqualTo(503);
    assertThat(PagesRig.text(response)).contains("spool.db: disk I/O error");
    refuses("/waiting/retry", "disk I/O error");
  }

  @Test
  void explainsItselfWithoutASpool() throws Exception {
    try (PagesRig none = new PagesRig(1)) {
      assertThat(none.text("/waiting"))
          .contains("No listener keeps messages.", "href=\"/manual/spool\"")
          .doesNotContain(">Waiting</a>");
      assertThatThrownBy(() -> none.act("/waiting/retry", Map.of("id", "m1")))
          .hasMessageContaining("no message with this ID waits");
    }
  }
}
