package org.tlsuplift.server.it.origin;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.tlsuplift.server.it.device.Companion;
import org.tlsuplift.server.it.device.CurlDevice;
import org.tlsuplift.server.it.device.Device.Way;
import org.tlsuplift.server.it.device.OpensslDevice;
import org.tlsuplift.server.it.lab.Daemon;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Loopback;
import org.tlsuplift.server.it.lab.Metrics;
import org.tlsuplift.server.it.lab.Run;
import org.tlsuplift.server.it.lab.TestCa;
import org.tlsuplift.server.it.peer.Conversations;
import org.tlsuplift.server.it.peer.JsseOrigin;
import org.tlsuplift.server.it.peer.Nginx;
import org.tlsuplift.server.it.peer.Site;

/** Origins that cannot or must not be reached: each has its reason, and other sessions continue. */
class OriginFailuresIT {
  @RegisterExtension static final Lab lab = new Lab();

  private static final OpensslDevice OLD = new OpensslDevice("-tls1", "AES128-SHA");

  private static Daemon daemon;
  private static Companion companion;
  private static Site expired;
  private static Site selfSigned;
  private static Site wrongName;
  private static Site tls11;

  @BeforeAll
  static void start() {
    TestCa ca = new TestCa(lab);
    expired = Site.tls12(Loopback.V4, ca.expired("localhost"));
    selfSigned = Site.tls13(Loopback.V4, ca.selfSigned("localhost"));
    wrongName = Site.tls12(Loopback.V4, ca.issue("other.example"));
    tls11 = Site.tls11(Loopback.V4, ca.issue("localhost"));
    Nginx.start(lab, expired, selfSigned, wrongName, tls11);
    JsseOrigin good = JsseOrigin.start(lab, ca.issue("localhost"), Conversations::echo);
    daemon =
        Daemon.start(
            lab,
            """
            listeners:
              - {name: web, bind: "127.0.0.1:0", accept: http-connect, profile: legacy}
              - {name: all, bind: "127.0.0.1:0", accept: http-connect, profile: legacy, whenModern: bridge}
            routes:
              - {to: ["localhost:1024-65535", "nowhere.invalid:443"], action: bridge}
            upstream: {trust: "%s", dnsTimeout: 1s, connectTimeout: 2s}
            """
                .formatted(ca.file()));
    companion = Companion.open(lab, Way.connect(daemon, "web", good.byName()));
  }

  @AfterEach
  void anotherSessionIsUndisturbed() {
    companion.assertAlive();
  }

  private static Stream<Arguments> badOrigins() {
    return Stream.of(
        Arguments.of(expired, "origin_certificate_invalid", "has expired"),
        Arguments.of(selfSigned, "origin_certificate_invalid", "upstream.trust"),
        Arguments.of(wrongName, "origin_certificate_invalid", "localhost"),
        Arguments.of(tls11, "origin_below_floor", "TLSv1.2"));
  }

  @ParameterizedTest(name = "{1}: {2}")
  @MethodSource("badOrigins")
  void neverServesFromAnOriginThatFails(Site site, String reason, String detail) {
    String line = failure(OLD, "web", site.byName(), reason);
    assertThat(line).contains("session ended: ").contains(site.byName()).contains(detail);
  }

  @ParameterizedTest(name = "{1}: {2}")
  @MethodSource("badOrigins")
  void modernDeviceGetsAnAlertInItsHandshake(Site site, String reason, String detail) {
    // It offers ALPN, so its handshake waits for the origin's: an alert can still be sent.
    Metrics before = daemon.metrics();
    Run run =
        new CurlDevice("1.2", "ECDHE-RSA-AES128-GCM-SHA256")
            .attempt(Way.connect(daemon, "all", site.byName()));
    assertThat(run.exit()).as(run.toString()).isEqualTo(35);
    assertThat(run.output()).contains("alert");
    daemon.awaitIncrease(
        before, 1, "tlsuplift_sessions_total", "listener", "all", "reason", reason);
    daemon.awaitIncrease(before, 1, "tlsuplift_upstream_handshakes_total", "outcome", reason);
  }

  @Test
  void reportsAnOriginThatIsDown() {
    String down = "localhost:" + Loopback.closedPort(lab);
    assertThat(failure(OLD, "web", down, "origin_unreachable")).contains("onnection refused");
  }

  @Test
  void reportsANameThatDoesNotResolveWithinItsTime() {
    Instant start = Instant.now();
    failure(OLD, "web", "nowhere.invalid:443", "origin_unresolved");
    assertThat(Duration.between(start, Instant.now())).isLessThan(Duration.ofSeconds(10));
  }

  /** Makes a device fail to reach an origin; returns the log line. */
  private static String failure(OpensslDevice device, String listener, String to, String reason) {
    Metrics before = daemon.metrics();
    int mark = daemon.mark();
    Run run = device.attempt(Way.connect(daemon, listener, to));
    assertThat(run.output()).doesNotContain("origin:");
    daemon.awaitIncrease(
        before, 1, "tlsuplift_sessions_total", "action", "bridge", "reason", reason);
    return daemon.awaitSessionLine(mark, "reason", reason, "target", to);
  }
}
