package org.tlsuplift.server.it.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.tlsuplift.server.it.lab.Child;
import org.tlsuplift.server.it.lab.Daemon;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Loopback;
import org.tlsuplift.server.it.lab.Metrics;
import org.tlsuplift.server.it.lab.Peers;
import org.tlsuplift.server.metrics.WatchedExpressions;

/** A Prometheus that looks every second, or what answers like one. */
public final class Prometheus {
  private final InetSocketAddress web;

  private Prometheus(InetSocketAddress web) {
    this.web = web;
  }

  /**
   * Starts one that ends with the lab.
   *
   * @param config what it scrapes, and its rules
   */
  public static Prometheus start(Lab lab, String config) {
    InetSocketAddress web = freeAddress();
    Path file =
        lab.file(
            "prometheus.yml",
            "global: {scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}\n"
                + config);
    return start(
        lab,
        web,
        Peers.require("prometheus"),
        "--config.file=" + file,
        "--storage.tsdb.path=" + lab.directory("prometheus"),
        "--web.listen-address=" + Loopback.text(web));
  }

  /** Starts a VictoriaMetrics, which receives OTLP: Debian's Prometheus is built without. */
  public static Prometheus receivingOtlp(Lab lab) {
    InetSocketAddress web = freeAddress();
    return start(
        lab,
        web,
        Peers.require("victoria-metrics"),
        "-httpListenAddr=" + Loopback.text(web),
        "-storageDataPath=" + lab.directory("victoria-metrics"),
        "-memory.allowedPercent=5",
        "-opentelemetry.usePrometheusNaming",
        // What came just now is asked for.
        "-search.latencyOffset=0s",
        "-search.disableCache");
  }

  private static Prometheus start(Lab lab, InetSocketAddress web, String... command) {
    lab.add(Child.start(new ProcessBuilder(command))).awaitListening(List.of(web));
    return new Prometheus(web);
  }

  private static InetSocketAddress freeAddress() {
    return new InetSocketAddress(Loopback.V4, Loopback.freePort(Loopback.V4));
  }

  /** The configuration that scrapes a daemon, in a job of the name that rules expect. */
  public static String scraping(Daemon daemon) {
    return """
        scrape_configs:
          - job_name: tls-uplift
            static_configs: [{targets: ["%s"]}]
        """
        .formatted(Loopback.text(daemon.admin()));
  }

  /** Starts one that scrapes a daemon and has the shipped rules, whose alerts wait for a second. */
  public static Prometheus alerting(Lab lab, Daemon daemon) throws IOException {
    String shipped = Files.readString(WatchedExpressions.RULES);
    Path hasty =
        lab.file(
            "alerts.yml",
            shipped
                .replaceAll("interval: \\S+", "interval: 1s")
                .replaceAll(" for: \\S+", " for: 1s"));
    return start(lab, scraping(daemon) + "rule_files: [\"" + hasty + "\"]\n");
  }

  public InetSocketAddress address() {
    return web;
  }

  /** Evaluates an expression; fails when it cannot be. */
  public JsonNode query(String expression) {
    return get("/api/v1/query?query=" + URLEncoder.encode(expression, StandardCharsets.UTF_8))
        .path("result");
  }

  /** The names of all metrics that it knows. */
  public Set<String> names() {
    Set<String> names = new TreeSet<>();
    get("/api/v1/label/__name__/values").forEach(name -> names.add(name.asText()));
    return names;
  }

  /** Its rules, with what came of them last. */
  public JsonNode rules() {
    return get("/api/v1/rules").path("groups");
  }

  /** The names of the alerts that are raised. */
  public Set<String> firing() {
    Set<String> firing = new TreeSet<>();
    for (JsonNode group : rules()) {
      for (JsonNode rule : group.path("rules")) {
        if (rule.path("state").asText().equals("firing")) {
          firing.add(rule.path("name").asText());
        }
      }
    }
    return firing;
  }

  /** Waits until all these alerts are raised. */
  public void awaitFiring(String... alerts) {
    await("alerts").untilAsserted(() -> assertThat(firing()).contains(alerts));
  }

  /** Waits until an expression has exactly one result with this value. */
  public void awaitAnswer(String expression, int value) {
    await(expression)
        .ignoreException(AssertionError.class)
        .untilAsserted(
            () -> {
              JsonNode result = query(expression);
              assertThat(result.size()).as(result.toString()).isEqualTo(1);
              assertThat(result.at("/0/value/1").asText()).isEqualTo(value + "");
            });
  }

  private JsonNode get(String path) {
    try {
      return new ObjectMapper().readTree(Metrics.get(web, path)).path("data");
    } catch (JsonProcessingException broken) {
      throw new AssertionError(path + ": " + broken, broken);
    }
  }
}
