package org.tlsuplift.server.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tlsuplift.server.config.AdminConfig;
import org.tlsuplift.server.config.ConfigLoader;
import org.tlsuplift.server.inventory.DeviceNotes;
import org.tlsuplift.server.inventory.Inventory.NotesChange;
import org.tlsuplift.server.inventory.VerdictRules;
import org.tlsuplift.server.inventory.record.WrittenInventory;
import org.tlsuplift.server.inventory.record.WrittenInventory.Does;
import org.tlsuplift.server.notify.MailDelivery.Letter;

/** The text and the time of the weekly reports. */
class WeeklyReportsTest {
  private static final Instant NOW = Instant.parse("2026-11-30T06:00:00Z");

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "2026-11-30T05:59:59Z,2026-11-30T06:00:00Z",
    "2026-11-30T06:00:00Z,2026-12-07T06:00:00Z",
    "2026-11-30T18:00:00Z,2026-12-07T06:00:00Z",
    "2026-12-06T23:59:59Z,2026-12-07T06:00:00Z",
    "2026-12-01T03:00:00Z,2026-12-07T06:00:00Z",
    // Clocks in Europe change on Sunday, 29 March and 25 October, those in the USA on 8 March.
    "2026-03-23T06:00:01Z,2026-03-30T06:00:00Z",
    "2026-10-19T06:00:01Z,2026-10-26T06:00:00Z",
    "2026-03-08T09:59:59Z,2026-03-09T06:00:00Z"
  })
  void areDueOnMondayMornings(Instant now, Instant next) {
    assertThat(WeeklyReports.next(now)).isEqualTo(next);
  }

  private static AdminConfig admin(String yaml) throws Exception {
    return ConfigLoader.parse(
            """
            listeners:
              - {name: web, bind: "127.0.0.1:0", accept: http-connect, profile: legacy}
            routes: [{to: [microsoft365], action: bridge}]
            admin: %s
            """
                .formatted(yaml),
            "test")
        .config()
        .admin();
  }

  private Letter letter(String tag, AdminConfig admin) throws Exception {
    try (WrittenInventory seen =
        new WrittenInventory(folder.resolve("inventory.db"), VerdictRules.defaults(), NOW)) {
      for (int i = 1; i <= 60; i++) {
        seen.saw("10.0.0." + i, NOW, "web", i <= 55 ? Does.TLS_1_0 : Does.MODERN);
      }
      seen.saw("10.0.1.1", NOW, "web", Does.TLS_1_0).write().named("10.0.0.1", "dr\u00fccker");
      for (int i = 1; i <= 60; i++) {
        DeviceNotes notes =
            DeviceNotes.NONE.with(
                Map.of("tags", i == 60 ? "printers modern" : "printers", "place", "floor " + i));
        seen.inventory().write(List.of(new NotesChange("10.0.0." + i, DeviceNotes.NONE, notes)));
      }
      return WeeklyReports.letter(seen.inventory(), tag, admin, NOW);
    }
  }

  @Test
  void countTheDevicesOfATagAndLinkToTheList() throws Exception {
    Letter letter =
        letter(
            "printers",
            admin(
                "{bind: \"0.0.0.0:9464\", tls: auto, serverNames: [uplift.corp.example],"
                    + " tokens: [{name: a, sha256: '%s'}]}".formatted("0".repeat(64))));
    assertThat(letter.subject()).isEqualTo("55 of your 60 printers still need TLS Uplift");
    assertThat(letter.lines())
        .startsWith("55 of your 60 printers still need TLS Uplift.", "", "55: old TLS", "5: ready")
        .contains("10.0.0.1, dr\u00fccker, floor 1, needs upgrade: TLS 1.0 only", "and 5 more")
        .endsWith(
            "The list:"
                + " https://uplift.corp.example:9464/devices?tag=printers&verdict=needs_upgrade")
        .noneMatch(line -> line.contains("10.0.1.1"));
  }

  @Test
  void sayWhenNoDeviceHasTheTag() throws Exception {
    Letter letter = letter("phones", admin("{bind: \"127.0.0.1:9464\"}"));
    assertThat(letter.subject()).isEqualTo("No device has the tag phones");
    assertThat(letter.lines())
        .startsWith(
            "No device has the tag phones.",
            "",
            "Give devices this tag on their pages, or remove the report from notify.weekly.")
        .noneMatch(line -> line.contains("10.0."));
  }

  @Test
  void sayWhenNoneIsLeft() throws Exception {
    Letter letter = letter("modern", admin("{bind: \"127.0.0.1:9464\"}"));
    assertThat(letter.subject()).isEqualTo("None of your 1 modern needs TLS Uplift");
    assertThat(letter.lines().get(letter.lines().size() - 1))
        .startsWith("The list: /devices?tag=modern&verdict=needs_upgrade on the admin port of ");
  }
}
