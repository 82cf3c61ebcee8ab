package org.tlsuplift.server.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.tlsuplift.proxy.testing.OneJdk;

/** The dashboard can be provisioned anywhere, and is whole. */
@OneJdk
class DashboardTest {
  private static final Set<String> KINDS = Set.of("stat", "timeseries", "table", "bargauge");

  @Test
  void belongsToNoGrafanaAndNoDataSource() throws IOException {
    JsonNode dashboard = WatchedExpressions.dashboard();

    assertThat(dashboard.has("id")).isFalse();
    assertThat(dashboard.has("__inputs")).isFalse();
    assertThat(dashboard.path("uid").asText()).isEqualTo("tls-uplift");
    assertThat(dashboard.path("schemaVersion").asInt()).isGreaterThanOrEqualTo(42);
    assertThat(dashboard.at("/templating/list/0/type").asText()).isEqualTo("datasource");
    for (JsonNode source : dashboard.at("/panels").findValues("datasource")) {
      assertThat(source.path("uid").asText()).isEqualTo("${datasource}");
    }
    for (JsonNode variable : dashboard.at("/templating/list")) {
      assertThat(variable.path("datasource").path("uid").asText("${datasource}"))
          .isEqualTo("${datasource}");
    }
  }

  @Test
  void everyPanelHasATitleAUnitAndAPlaceOfItsOwn() throws IOException {
    Set<Integer> ids = new HashSet<>();
    Set<String> places = new HashSet<>();
    List<JsonNode> panels = WatchedExpressions.panels();
    for (JsonNode panel : panels) {
      assertThat(panel.path("type").asText()).isIn(KINDS);
      assertThat(panel.path("title").asText()).isNotBlank();
      assertThat(panel.at("/fieldConfig/defaults/unit").asText()).isNotBlank();
      assertThat(panel.path("targets").isEmpty()).isFalse();
      assertThat(ids.add(panel.path("id").asInt())).isTrue();
      JsonNode at = panel.path("gridPos");
      assertThat(at.path("x").asInt() + at.path("w").asInt()).isLessThanOrEqualTo(24);
      for (int x = 0; x < at.path("w").asInt(); x++) {
        for (int y = 0; y < at.path("h").asInt(); y++) {
          String place = (at.path("x").asInt() + x) + "/" + (at.path("y").asInt() + y);
          assertThat(places.add(place)).as(panel.path("title").asText() + place).isTrue();
        }
      }
    }
    assertThat(panels).hasSizeGreaterThan(25);
  }

  @Test
  void everyExpressionUsesTheChosenJob() throws IOException {
    for (JsonNode panel : WatchedExpressions.panels()) {
      for (JsonNode target : panel.path("targets")) {
        assertThat(target.path("expr").asText()).contains("job=\"$job\"");
      }
    }
  }

  @Test
  void showsEveryMeter() throws IOException {
    Set<String> shown = new HashSet<>();
    WatchedExpressions.ofDashboard().forEach(each -> shown.addAll(PromQl.metrics(each)));

    assertThat(shown)
        .containsAll(WatchedExpressions.OPTIONAL)
        .contains(
            "tlsuplift_access_log_dropped_total",
            "tlsuplift_admin_sign_ins_refused_total",
            "tlsuplift_antique_listener_expiry_seconds",
            "tlsuplift_build_info",
            "tlsuplift_bytes_total",
            "tlsuplift_ca_certificate_expiry_seconds",
            "tlsuplift_client_certificate_expiry_seconds",
            "tlsuplift_devices",
            "tlsuplift_downstream_handshakes_seconds_bucket",
            "tlsuplift_downstream_handshakes_total",
            "tlsuplift_inventory_away",
            "tlsuplift_inventory_dropped_total",
            "tlsuplift_leaf_certificates_minted_total",
            "tlsuplift_legacy_handshakes_total",
            "tlsuplift_listener_ca_certificate_expiry_seconds",
            "tlsuplift_log_dropped_total",
            "tlsuplift_log_left_out_total",
            "tlsuplift_message_size_bytes_bucket",
            "tlsuplift_origin_replies_total",
            "tlsuplift_plaintext_sessions_total",
            "tlsuplift_ready",
            "tlsuplift_rsa_info",
            "tlsuplift_sessions_active",
            "tlsuplift_sessions_limit",
            "tlsuplift_sessions_seconds_bucket",
            "tlsuplift_sessions_total",
            "tlsuplift_silent_senders",
            "tlsuplift_upstream_handshakes_seconds_bucket",
            "tlsuplift_upstream_handshakes_total");
  }

  @Test
  void grafanasProvisioningFilesAreYaml() throws IOException {
    Path folder = Path.of("..", "config", "grafana", "provisioning");

    assertThat(
            WatchedExpressions.yaml(folder.resolve("dashboards/tls-uplift.yml"))
                .at("/providers/0/type")
                .asText())
        .isEqualTo("file");
    assertThat(
            WatchedExpressions.yaml(folder.resolve("datasources/prometheus.yml"))
                .at("/datasources/0/type")
                .asText())
        .isEqualTo("prometheus");
  }
}
