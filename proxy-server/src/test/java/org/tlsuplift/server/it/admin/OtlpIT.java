package org.tlsuplift.server.it.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.tlsuplift.server.it.device.CurlDevice;
import org.tlsuplift.server.it.device.Device.Way;
import org.tlsuplift.server.it.lab.Daemon;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Loopback;
import org.tlsuplift.server.it.lab.Metrics;
import org.tlsuplift.server.it.lab.TestCa;
import org.tlsuplift.server.it.peer.Nginx;
import org.tlsuplift.server.it.peer.Prometheus;
import org.tlsuplift.server.it.peer.Site;

/** Metrics reach a real OTLP receiver. */
class OtlpIT {
  @RegisterExtension static final Lab lab = new Lab();

  private static Site origin;
  private static String configuration;

  @BeforeAll
  static void start() {
    TestCa ca = new TestCa(lab);
    origin = Site.tls12(Loopback.V4, ca.issue("localhost"));
    Nginx.start(lab, origin);
    configuration =
        """
        listeners:
          - {name: web, bind: "127.0.0.1:0", accept: http-connect, profile: legacy}
        limits: {maxSessions: 1000}
        routes:
          - {to: ["localhost:%d"], action: bridge}
        upstream: {trust: "%s"}
        """
            .formatted(origin.port(), ca.file());
  }

  @Test
  void exportsAtStopTheSameNamesAndNumbersAsTheScrape() {
    Prometheus receiver = Prometheus.receivingOtlp(lab);
    Daemon daemon = exporting(Loopback.text(receiver.address()), "1h");
    visit(daemon, 3);
    Set<String> names = exposed(daemon);

    daemon.terminate();

    assertThat(daemon.awaitExit(Duration.ofSeconds(30))).isZero();
    receiver.awaitAnswer("sum(tlsuplift_legacy_handshakes_total)", 3);
    receiver.awaitAnswer("sum(tlsuplift_legacy_handshakes_total{protocol=\"TLSv1\"})", 3);
    receiver.awaitAnswer("tlsuplift_downstream_handshakes_seconds_bucket{le=\"+Inf\"}", 3);
    receiver.awaitAnswer("tlsuplift_sessions_limit{service_name=\"tls-uplift\"}", 1000);
    await("the same names")
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(() -> assertThat(receiver.names()).containsAll(names));
  }

  @Test
  void anUnreachableReceiverIsLoggedOnce() {
    Daemon daemon = exporting("127.0.0.1:" + Loopback.closedPort(lab), "1s");
    daemon.awaitOutput(0, "metrics do not reach http://127.0.0.1:");
    visit(daemon, 2);
    // Further exports have failed by then, without another log line.
    await()
        .pollDelay(Duration.ofSeconds(2))
        .untilAsserted(() -> assertThat(daemon.output()).containsOnlyOnce("metrics do not reach"));

    assertThat(daemon.metrics().sum("tlsuplift_legacy_handshakes_total")).isEqualTo(2);
    long before = System.nanoTime();
    daemon.terminate();
    assertThat(daemon.awaitExit(Duration.ofSeconds(30))).isZero();
    assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(8));
  }

  private static Daemon exporting(String receiver, String interval) {
    return Daemon.start(
        lab,
        configuration
            + "metrics: {otlp: {url: \"http://%s/opentelemetry/v1/metrics\", interval: %s}}\n"
                .formatted(receiver, interval));
  }

  private static void visit(Daemon daemon, int times) {
    for (int i = 0; i < times; i++) {
      new CurlDevice("1.0", "AES128-SHA").visit(Way.connect(daemon, "web", origin.byName()));
    }
  }

  /**
   * The names of our series, without those of the greatest value lately: OTLP has them elsewhere.
   */
  private static Set<String> exposed(Daemon daemon) {
    return Metrics.get(daemon.admin(), "/metrics")
        .lines()
        .filter(line -> line.startsWith("tlsuplift_"))
        .map(line -> line.split("[{ ]", 2)[0])
        .filter(name -> !name.endsWith("_max"))
        .collect(Collectors.toCollection(TreeSet::new));
  }
}
