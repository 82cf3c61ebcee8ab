package org.tlsuplift.server.metrics;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** The files for Prometheus and Grafana, and every expression in them. */
public final class WatchedExpressions {
  public static final Path RULES = Path.of("..", "config", "alerts.yml");

  public static final Path DASHBOARD = Path.of("..", "config", "grafana", "dashboard.json");

  /** What is there only where something is switched on. */
  public static final Set<String> OPTIONAL =
      Set.of(
          "tlsuplift_accounts",
          "tlsuplift_accounts_file_bad",
          "tlsuplift_admin_certificate_expiry_seconds",
          "tlsuplift_admin_token_expiry_seconds",
          "tlsuplift_application_secret_expiry_seconds",
          "tlsuplift_endpoint_list_age_seconds",
          "tlsuplift_instances",
          "tlsuplift_instances_away",
          "tlsuplift_listener_certificate_expiry_seconds",
          "tlsuplift_mailbox_refusals_total",
          "tlsuplift_mailbox_sessions",
          "tlsuplift_mailbox_waiting",
          "tlsuplift_mailbox_waits_seconds_bucket",
          "tlsuplift_message_refusals_total",
          "tlsuplift_message_size_bytes_bucket",
          "tlsuplift_messages_total",
          "tlsuplift_sign_ins_total",
          "tlsuplift_spool_bytes",
          "tlsuplift_spool_deliveries_total",
          "tlsuplift_spool_limit_bytes",
          "tlsuplift_spool_messages",
          "tlsuplift_spool_oldest_seconds",
          "tlsuplift_spool_refused_total",
          "tlsuplift_token_expiry_seconds",
          "tlsuplift_token_requests_total",
          "tlsuplift_tokens");

  private WatchedExpressions() {}

  /** All rules, those that record and those that alert. */
  public static List<JsonNode> rules() throws IOException {
    return stream(yaml(RULES).path("groups")).flatMap(each -> stream(each.path("rules"))).toList();
  }

  public static List<String> ofRules() throws IOException {
    return rules().stream().map(rule -> rule.path("expr").asText()).toList();
  }

  public static List<String> recorded() throws IOException {
    return rules().stream()
        .map(rule -> rule.path("record").asText())
        .filter(name -> !name.isEmpty())
        .toList();
  }

  /** The panels of the dashboard, and those in its rows; not the rows themselves. */
  public static List<JsonNode> panels() throws IOException {
    return stream(dashboard().path("panels"))
        .flatMap(each -> Stream.concat(Stream.of(each), stream(each.path("panels"))))
        .filter(each -> !each.path("type").asText().equals("row"))
        .toList();
  }

  /** What the panels show, with Grafana's variables as they are when all is chosen. */
  public static List<String> ofDashboard() throws IOException {
    List<String> expressions = new ArrayList<>();
    for (JsonNode panel : panels()) {
      for (JsonNode target : panel.path("targets")) {
        expressions.add(
            target
                .path("expr")
                .asText()
                .replace("$job", "tls-uplift")
                .replace("$instance", ".*")
                .replace("$listener", ".*")
                .replace("$__rate_interval", "1m")
                .replace("$__range", "1h"));
      }
    }
    return expressions;
  }

  static JsonNode dashboard() throws IOException {
    return new ObjectMapper().readTree(DASHBOARD.toFile());
  }

  static JsonNode yaml(Path file) throws IOException {
    return new ObjectMapper(new YAMLFactory()).readTree(file.toFile());
  }

  static Stream<JsonNode> stream(JsonNode list) {
    return StreamSupport.stream(list.spliterator(), false);
  }
}
