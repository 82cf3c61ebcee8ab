package org.tlsuplift.server.it.device;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlsuplift.server.it.device.Device.Way;
import org.tlsuplift.server.it.lab.Daemon;
import org.tlsuplift.server.it.lab.Identity;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Loopback;
import org.tlsuplift.server.it.lab.Metrics;
import org.tlsuplift.server.it.lab.Run;
import org.tlsuplift.server.it.lab.TestCa;
import org.tlsuplift.server.it.peer.Nginx;
import org.tlsuplift.server.it.peer.Site;

/** A device that needs no upgrade is left alone, and nothing old passes where all is left alone. */
class ModernDeviceIT {
  @RegisterExtension static final Lab lab = new Lab();

  private static final CurlDevice MODERN = new CurlDevice("1.3", "DEFAULT");

  private static TestCa ca;
  private static Site tls12;
  private static Site tls13;
  private static Site tls11;
  private static Site tunnelled;
  private static Daemon daemon;

  @BeforeAll
  static void start() {
    ca = new TestCa(lab);
    Identity identity = ca.issue("localhost");
    tls12 = Site.tls12(Loopback.V4, identity);
    tls13 = Site.tls13(Loopback.V4, identity);
    tls11 = Site.tls11(Loopback.V4, identity);
    tunnelled = Site.tls12(Loopback.V4, identity);
    Nginx.start(lab, tls12, tls13, tls11, tunnelled);
    daemon =
        Daemon.start(
            lab,
            """
            listeners:
              - {name: web, bind: "127.0.0.1:0", accept: http-connect, profile: legacy}
            routes:
              - {to: ["localhost:%d"], action: tunnel}
              - {to: ["localhost:1024-65535"], action: bridge}
            upstream: {trust: "%s"}
            """
                .formatted(tunnelled.port(), ca.file()));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void seesTheOriginsOwnCertificate(boolean newest) {
    Site site = newest ? tls13 : tls12;
    Metrics before = daemon.metrics();
    Way way = Way.connect(daemon, "web", site.byName());

    Run trustingOrigin = MODERN.attempt(way.trusting(ca.file())).succeeded();
    Run trustingUs = MODERN.attempt(way);

    assertThat(trustingOrigin.output()).contains(site.answer("localhost"));
    assertThat(trustingUs.exit()).as("curl: the certificate is of nobody I trust").isEqualTo(60);
    daemon.awaitIncrease(before, 2, "tlsuplift_sessions_total", "action", "tunnel");
    assertThat(daemon.metrics().sum("tlsuplift_leaf_certificates_minted_total")).isZero();
    assertThat(daemon.metrics().sum("tlsuplift_downstream_handshakes_total")).isZero();
  }

  /** A device that offers TLS 1.0 to 1.3 is modern; what its origin chooses is not let through. */
  @Test
  void tunnelEndsIfTheOriginChoosesALegacyVersion() {
    Metrics before = daemon.metrics();
    Way way = Way.connect(daemon, "web", tls11.byName()).trusting(ca.file());

    Run run = new CurlDevice("1.3", "ALL").attempt(way);

    assertThat(run.exit()).as(run.toString()).isNotZero();
    assertThat(run.output()).doesNotContain("origin:");
    daemon.awaitIncrease(
        before, 1, "tlsuplift_sessions_total", "action", "tunnel", "reason", "origin_below_floor");
  }

  @Test
  void oldDevicesAreNotTunnelled() {
    Metrics before = daemon.metrics();
    int mark = daemon.mark();
    Way way = Way.connect(daemon, "web", tunnelled.byName()).trusting(ca.file());

    Run run = new CurlDevice("1.0", "ALL").attempt(way);

    assertThat(run.exit()).as(run.toString()).isEqualTo(35);
    daemon.awaitIncrease(before, 1, "tlsuplift_sessions_total", "reason", "legacy_tunnel_refused");
    assertThat(daemon.awaitSessionLine(mark, "reason", "legacy_tunnel_refused"))
        .contains("offers TLSv1 only")
        .contains("action: bridge");
  }
}
