package org.tlsuplift.server.it.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
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

/** Every handshake is counted once, and a real Prometheus agrees. */
class CountersIT {
  @RegisterExtension static final Lab lab = new Lab();

  private static Daemon daemon;
  private static Site origin;

  @BeforeAll
  static void start() {
    TestCa ca = new TestCa(lab);
    origin = Site.tls12(Loopback.V4, ca.issue("localhost"));
    Nginx.start(lab, origin);
    daemon =
        Daemon.start(
            lab,
            """
            listeners:
              - {name: web, bind: "127.0.0.1:0", accept: http-connect, profile: legacy}
            routes:
              - {to: ["localhost:%d"], action: bridge}
            upstream: {trust: "%s"}
            """
                .formatted(origin.port(), ca.file()));
  }

  @Test
  void countsEachLegacyHandshakeOnceAndPrometheusAgrees() {
    Metrics before = daemon.metrics();
    Way way = Way.connect(daemon, "web", origin.byName());
    visit(5, new CurlDevice("1.0", "AES128-SHA"), way);
    visit(3, new CurlDevice("1.1", "ECDHE-RSA-AES128-SHA"), way);
    visit(2, new CurlDevice("1.2", "AES256-SHA"), way);
    visit(1, new CurlDevice("1.2", "ECDHE-RSA-AES256-GCM-SHA384"), trustingOrigin(way));

    daemon.awaitIncrease(before, 11, "tlsuplift_sessions_total");
    Metrics now = daemon.metrics();
    String legacy = "tlsuplift_legacy_handshakes_total";
    String tls10 = "TLS_RSA_WITH_AES_128_CBC_SHA";
    String tls11 = "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA";
    assertThat(now.sum(legacy)).isEqualTo(8);
    assertThat(now.sum(legacy, "listener", "web", "protocol", "TLSv1", "cipher", tls10))
        .isEqualTo(5);
    assertThat(now.sum(legacy, "listener", "web", "protocol", "TLSv1.1", "cipher", tls11))
        .isEqualTo(3);
    String downstream = "tlsuplift_downstream_handshakes_total";
    assertThat(now.sum(downstream, "outcome", "completed")).isEqualTo(10);
    assertThat(now.sum(downstream, "protocol", "TLSv1.2", "outcome", "completed")).isEqualTo(2);
    assertThat(now.sum("tlsuplift_upstream_handshakes_total", "protocol", "TLSv1.2")).isEqualTo(10);
    assertThat(now.sum("tlsuplift_sessions_total", "action", "bridge")).isEqualTo(10);
    assertThat(now.sum("tlsuplift_sessions_total", "action", "tunnel")).isEqualTo(1);
    assertThat(now.sum("tlsuplift_sessions_active")).isZero();
    assertThat(now.sum("tlsuplift_leaf_certificates_minted_total")).isEqualTo(1);
    assertThat(now.sum("tlsuplift_bytes_total", "direction", "up")).isPositive();
    assertThat(now.sum("tlsuplift_bytes_total", "direction", "down")).isPositive();
    assertThat(now.sum("tlsuplift_ca_certificate_expiry_seconds"))
        .isGreaterThan(System.currentTimeMillis() / 1000 + Duration.ofDays(365).toSeconds());

    Prometheus prometheus = Prometheus.start(lab, Prometheus.scraping(daemon));
    prometheus.awaitAnswer("sum(tlsuplift_legacy_handshakes_total)", 8);
    prometheus.awaitAnswer("sum(tlsuplift_legacy_handshakes_total{protocol=\"TLSv1\"})", 5);
    prometheus.awaitAnswer("tlsuplift_legacy_handshakes_total{cipher=\"" + tls11 + "\"}", 3);
    visit(1, new CurlDevice("1.0", "AES128-SHA"), way);
    prometheus.awaitAnswer("sum(tlsuplift_legacy_handshakes_total)", 9);
  }

  private static void visit(int times, CurlDevice device, Way way) {
    for (int i = 0; i < times; i++) {
      assertThat(device.visit(way).run().output()).contains(origin.answer("localhost"));
    }
  }

  /** A device that is tunnelled sees the origin's own certificate. */
  private static Way trustingOrigin(Way way) {
    return way.trusting(origin.identity().certificateFile());
  }
}
