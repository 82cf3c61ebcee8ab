package org.tlsuplift.server.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlsuplift.proxy.testing.OneJdk;

/** The alerts: sound, explained, and each proven to fire and to be silent. */
@OneJdk
class AlertRulesTest {
  private static final Path TESTS =
      Path.of("src/test/resources/org/tlsuplift/server/metrics").toAbsolutePath();

  static List<JsonNode> alerts() throws IOException {
    return WatchedExpressions.rules().stream().filter(rule -> rule.has("alert")).toList();
  }

  @Test
  void promtoolFindsNothingWrong() throws Exception {
    Promtool.Verdict verdict =
        Promtool.run(
            "",
            "check",
            "rules",
            "--lint=all",
            "--lint-fatal",
            WatchedExpressions.RULES.toString());

    assertThat(verdict.exitCode()).as(verdict.output()).isZero();
    assertThat(verdict.output()).contains("SUCCESS");
  }

  @ParameterizedTest
  @ValueSource(strings = {"alerts-now-test.yml", "alerts-week-test.yml", "alerts-dates-test.yml"})
  void matchTheirTests(String file) throws Exception {
    Promtool.Verdict verdict = Promtool.run("", "test", "rules", TESTS.resolve(file).toString());

    assertThat(verdict.exitCode()).as(verdict.output()).isZero();
  }

  @Test
  void eachAlertIsTestedFiringAndSilent() throws IOException {
    Set<String> firing = new HashSet<>();
    Set<String> silent = new HashSet<>();
    for (JsonNode test : tests()) {
      for (JsonNode each : test.path("alert_rule_test")) {
        (each.path("exp_alerts").isEmpty() ? silent : firing).add(each.path("alertname").asText());
      }
    }
    List<String> names = alerts().stream().map(alert -> alert.path("alert").asText()).toList();

    assertThat(names).hasSizeGreaterThan(15).doesNotHaveDuplicates();
    assertThat(firing).containsExactlyInAnyOrderElementsOf(names);
    assertThat(silent).containsExactlyInAnyOrderElementsOf(names);
  }

  @ParameterizedTest
  @MethodSource("alerts")
  void alertHasASummaryADescriptionAndARunbook(JsonNode alert) throws IOException {
    assertThat(alert.path("labels").path("severity").asText()).isIn("critical", "warning", "info");
    JsonNode annotations = alert.path("annotations");
    assertThat(annotations.path("summary").asText()).isNotBlank();
    assertThat(annotations.path("description").asText()).isNotBlank();
    assertThat(annotations.path("runbook").asText()).startsWith("/manual/");
    assertThat(annotations.path("runbook_url").asText())
        .as("what Alertmanager and Grafana make a link of; without an instance, a path")
        .isEqualTo(
            "{{ with $labels.instance }}http://{{ . }}{{ end }}"
                + annotations.path("runbook").asText());
    String[] runbook = annotations.path("runbook").asText().substring(8).split("#", 2);
    assertThat(anchors(runbook[0])).contains(runbook.length > 1 ? runbook[1] : "");
  }

  @Test
  void prometheusYmlLoadsThem() throws IOException {
    JsonNode files =
        WatchedExpressions.yaml(Path.of("..", "config", "prometheus.yml")).path("rule_files");

    assertThat(files).extracting(JsonNode::asText).containsExactly("alerts.yml");
  }

  private static List<JsonNode> tests() throws IOException {
    List<JsonNode> tests = new ArrayList<>();
    try (var files = Files.list(TESTS)) {
      for (Path file : files.filter(each -> each.toString().endsWith("-test.yml")).toList()) {
        WatchedExpressions.yaml(file).path("tests").forEach(tests::add);
      }
    }
    return tests;
  }

  /** The headings of a page of the manual, as GitHub makes anchors of them, and its beginning. */
  private static Set<String> anchors(String topic) throws IOException {
    try (var lines = Files.lines(Path.of("src", "main", "manual", topic + ".md"))) {
      Stream<String> headings =
          lines
              .filter(line -> line.matches("#{1,6} .*"))
              .map(line -> line.replaceFirst("#+ ", "").toLowerCase(Locale.ROOT))
              .map(line -> line.replaceAll("[^a-z0-9 _-]", "").replace(' ', '-'));
      return Stream.concat(Stream.of(""), headings).collect(Collectors.toSet());
    }
  }
}
