package org.tlsuplift.server.it.device;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlsuplift.server.it.device.Device.Way;
import org.tlsuplift.server.it.lab.Daemon;
import org.tlsuplift.server.it.lab.Expectation;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Metrics;
import org.tlsuplift.server.it.lab.Run;
import org.tlsuplift.server.it.lab.TestCa;
import org.tlsuplift.server.it.peer.Conversations;
import org.tlsuplift.server.it.peer.JsseOrigin;

/** Devices that cannot agree with us or do not trust us: each with its outcome and its remedy. */
class DeviceFailuresIT {
  @RegisterExtension static final Lab lab = new Lab();

  private static TestCa ca;
  private static JsseOrigin origin;
  private static Daemon daemon;
  private static Companion companion;

  @BeforeAll
  static void start() {
    ca = new TestCa(lab);
    origin = JsseOrigin.start(lab, ca.issue("localhost"), Conversations::echo);
    daemon =
        Daemon.start(
            lab,
            """
            listeners:
              - {name: web, bind: "127.0.0.1:0", accept: http-connect, profile: legacy}
              - {name: fixed, bind: "127.0.0.1:0", accept: fixed, origin: "%1$s", profile: legacy}
              - {name: modern, bind: "127.0.0.1:0", accept: fixed, origin: "%1$s", profile: modern}
            routes:
              - {to: ["localhost:1024-65535"], action: bridge}
            upstream: {trust: "%2$s"}
            """
                .formatted(origin.byName(), ca.file()));
    companion = Companion.open(lab, Way.fixed(daemon, "fixed", origin.byName()));
  }

  @AfterEach
  void anotherSessionIsUndisturbed() {
    companion.assertAlive();
  }

  @Test
  void opensslThatDoesNotTrustUs() {
    Expectation expected =
        expect("fixed", "TLSv1", "certificate_rejected", "device_handshake_failed");
    Run run = new OpensslDevice("-tls1", "ALL").attempt(untrusting("fixed"));
    assertThat(run.exit()).as(run.toString()).isNotZero();
    assertThat(expected.met()).contains("ca export");
  }

  @Test
  void curlThatDoesNotTrustUs() {
    Expectation expected =
        expect("web", "TLSv1.1", "certificate_rejected", "device_handshake_failed");
    Run run =
        new CurlDevice("1.1", "ALL")
            .attempt(Way.connect(daemon, "web", origin.byName()).trusting(ca.file()));
    assertThat(run.exit()).as(run.toString()).isEqualTo(60);
    assertThat(expected.met()).contains("ca export");
  }

  @Test
  void gnutlsThatDoesNotTrustUs() {
    Expectation expected =
        expect("fixed", "TLSv1", "certificate_rejected", "device_handshake_failed");
    Run run = new GnutlsDevice("NORMAL:-VERS-ALL:+VERS-TLS1.0").attempt(untrusting("fixed"));
    assertThat(run.exit()).as(run.toString()).isNotZero();
    assertThat(expected.met()).contains("ca export");
  }

  /** Node.js completes the handshake before it looks at the certificate, and leaves then. */
  @ParameterizedTest
  @ValueSource(strings = {"0.10", "4"})
  void nodeThatDoesNotTrustUs(String release) {
    int mark = daemon.mark();
    Metrics before = daemon.metrics();
    Run run = new NodeDevice(release, "TLSv1_method", "DEFAULT").attempt(untrusting("fixed"));
    assertThat(run.exit()).as(run.toString()).isNotZero();
    String[] unused = {"listener", "fixed", "reason", "device_closed_unused"};
    daemon.awaitIncrease(before, 1, "tlsuplift_sessions_total", unused);
    assertThat(daemon.awaitSessionLine(mark, unused)).contains("may not trust");
  }

  @Test
  void offersNoVersionThatTheProfileAllows() {
    Expectation expected =
        expect("modern", "TLSv1", "no_shared_version", "device_handshake_failed");
    Run run =
        new OpensslDevice("-tls1", "ALL").attempt(Way.fixed(daemon, "modern", origin.byName()));
    assertThat(run.output()).contains("alert protocol version");
    assertThat(expected.met())
        .contains("; give the device a listener with 'profile: legacy' reason=")
        .doesNotContain("TLS_", "offered=");
  }

  @Test
  void offersNoSuiteThatTheProfileAllows() {
    Expectation expected = expect("fixed", "TLSv1", "no_shared_cipher", "device_handshake_failed");
    Run run =
        new OpensslDevice("-tls1", "CAMELLIA128-SHA")
            .attempt(Way.fixed(daemon, "fixed", origin.byName()));
    assertThat(run.output()).contains("handshake failure");
    assertThat(expected.met())
        .contains("; update the device, or use a listener whose profile allows what it offers ")
        .doesNotContain("TLS_", "offered=");
  }

  private static Way untrusting(String listener) {
    return Way.fixed(daemon, listener, origin.byName()).trusting(ca.file());
  }

  private static Expectation expect(
      String listener, String protocol, String outcome, String reason) {
    return Expectation.of(daemon, listener, protocol, outcome, reason);
  }
}
