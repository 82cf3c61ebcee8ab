package org.tlsuplift.server.http.pages;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlsuplift.proxy.model.MessageOutcome;
import org.tlsuplift.server.http.Action;
import org.tlsuplift.server.http.BadRequestException;
import org.tlsuplift.server.http.Response;
import org.tlsuplift.server.inventory.VerdictRules;
import org.tlsuplift.server.inventory.record.Trail;
import org.tlsuplift.server.inventory.record.WrittenInventory;
import org.tlsuplift.server.inventory.record.WrittenInventory.Does;

/** The answer to "my scan never arrived", in a browser without scripts. */
class MessagePagesTest {
  private static final Instant NOW = PagesRig.NOW;

  @TempDir Path folder;
  private WrittenInventory written;
  private PagesRig rig;

  @BeforeEach
  void write() throws Exception {
    written = new WrittenInventory(folder.resolve("inventory.db"), VerdictRules.defaults(), NOW);
    written.sawNamed("10.0.0.1", NOW.minusSeconds(3600), "submission", "SCANNER1");
    written.sent(Trail.accepted("10.0.0.1", NOW.minusSeconds(3600), "@fabrikam.com"));
    written.sent(
        Trail.message(
            "10.0.0.1",
            NOW.minusSeconds(60),
            "<script>alert(1)</script>\u202e@x.example",
            List.of("@adatum.com"),
            MessageOutcome.REFUSED,
            "sender_not_allowed",
            "550 5.7.60 not allowed"));
    for (int i = 0; i < 60; i++) {
      Instant at = NOW.minus(Duration.ofDays(10)).minusSeconds(i);
      written.saw("10.0.0.2", at, "submission", Does.TLS_1_0);
      written.sent(Trail.accepted("10.0.0.2", at, "@x.example"));
    }
    for (int day = 11; day < 15; day++) {
      written.sent(Trail.accepted("10.0.0.2", NOW.minus(Duration.ofDays(day)), "@x.example"));
    }
    written.write();
    rig = new PagesRig(written);
  }

  @AfterEach
  void close() {
    rig.close();
  }

  @Test
  void listsTheLatestMessagesWithOutcomeReplyAndTls() throws Exception {
    String page = rig.text("/messages");
    assertThat(page)
        .contains("1 to 50 of 66 messages", "Page 1 of 2", "href=\"/messages?page=2\"")
        .contains("Accepted", "250 2.0.0 Ok: queued as 4XFoo", "TLSv1 → TLSv1.3", "52 kB")
        .contains("Refused by TLS Uplift", "The sender is not allowed")
        .contains("href=\"/devices/10.0.0.1\"", "1: @fabrikam.com", "1, 0 accepted: @adatum.com")
        .contains("aria-current=\"page\">Messages</a>")
        .doesNotContain("<script>alert", "\u202e", "onclick");
    assertThat(page.indexOf("550 5.7.60")).isLessThan(page.indexOf("1: @fabrikam.com"));
    assertThat(rig.text("/messages", Map.of("page", "2"))).contains("51 to 66 of 66 messages");
  }

  @Test
  void searchesAndKeepsTheSearchInLinksAndFields() throws Exception {
    assertThat(rig.text("/messages", Map.of("recipient", "bob@fabrikam.com")))
        .contains("1 to 1 of 1 message", "value=\"bob@fabrikam.com\"")
        .contains("href=\"/messages.csv?recipient=bob%40fabrikam.com\"", "All messages</a>");
    assertThat(rig.text("/messages", Map.of("outcome", "failed"))).contains("1 to 1 of 1 message");
    assertThat(rig.text("/messages", Map.of("from", "2h", "device", "10.0.0.0/24")))
        .contains("1 to 2 of 2 messages");
    assertThat(rig.text("/messages", Map.of("sender", "nobody"))).contains("No message matches.");
  }

  @Test
  void explainsErrorsInTheForm() throws Exception {
    Response response = rig.ask("/messages", Map.of("from", "yesterday", "outcome", "lost"));
    assertThat(response.status()).isEqualTo(400);
    assertThat(PagesRig.text(response))
        .contains("from: <bdi>expected a time of UTC", "there is no such outcome")
        .contains("Nothing is listed: correct the form.");
    assertThat(rig.ask("/messages.csv", Map.of("page", "x")).status()).isEqualTo(400);
  }

  @Test
  void exportsTheMessagesOfTheList() throws Exception {
    Response csv = rig.ask("/messages.csv", Map.of("device", "10.0.0.1"));
    assertThat(csv.headers())
        .containsEntry("Content-Disposition", "attachment; filename=\"messages.csv\"");
    assertThat(PagesRig.text(csv).lines()).hasSize(3).first().asString().startsWith("at,seconds,");
    String json = rig.text("/messages.json", Map.of("device", "10.0.0.1"));
    assertThat(json).doesNotContain("<script>");
    assertThat(new ObjectMapper().readTree(json).at("/1/reply").asText())
        .isEqualTo("250 2.0.0 Ok: queued as 4XFoo");
  }

  @Test
  void namesTheDevicesThatStoppedSending() throws Exception {
    assertThat(rig.text("/messages"))
        .contains("Devices that stopped sending", "latest mail <time", "10 days ago");
  }

  @Test
  void aSilentSenderIsAcknowledgedUntilItIsTakenBack() throws Exception {
    Matcher link =
        Pattern.compile("<li><a href=\"/devices/([^\"]+)\">").matcher(rig.text("/messages"));
    assertThat(link.find()).isTrue();
    Map<String, String> sender = Map.of("kind", "silent-sender", "item", link.group(1));
    Map<String, String> noted = new HashMap<>(sender);
    noted.put("note", "moved\nto the cellar");
    Action.Done done = rig.act("/acknowledgements/add", noted);
    assertThat(done.page()).isEqualTo("/messages");
    assertThat(done.change().after()).isEqualTo("moved to the cellar");
    assertThat(rig.text("/messages"))
        .contains("Devices that stopped sending", "Acknowledged by", "moved to the cellar");
    assertThatThrownBy(() -> rig.act("/acknowledgements/add", noted))
        .isInstanceOf(BadRequestException.class)
        .hasMessageContaining("has acknowledged it already");
    noted.put("item", "10.9.9.9");
    assertThatThrownBy(() -> rig.act("/acknowledgements/add", noted))
        .isInstanceOf(BadRequestException.class)
        .hasMessageContaining("it has changed, or is no longer a problem");
    assertThat(rig.act("/acknowledgements/remove", sender).change().before())
        .isEqualTo("moved to the cellar");
    assertThat(rig.text("/messages")).doesNotContain("Acknowledged by");
  }

  @Test
  void theDevicesPageShowsItsLatestMessages() throws Exception {
    assertThat(rig.text("/devices/10.0.0.1"))
        .contains("Latest messages", "550 5.7.60 not allowed")
        .contains("href=\"/messages?device=10.0.0.1\"");
    String other = rig.text("/devices/10.0.0.2");
    assertThat(other.split("4XFoo", -1)).hasSize(11);
  }

  @Test
  void explainsThatRecordingIsDisabled() throws Exception {
    try (PagesRig none = new PagesRig(1)) {
      Response response = none.ask("/messages", Map.of());
      assertThat(response.status()).isEqualTo(404);
      assertThat(PagesRig.text(response)).contains("messages.enabled is false");
    }
  }
}
