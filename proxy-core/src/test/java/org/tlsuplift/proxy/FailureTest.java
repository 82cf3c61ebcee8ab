package org.tlsuplift.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlsuplift.proxy.model.Action;
import org.tlsuplift.proxy.model.DeviceHandshake;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.SessionSummary;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.outcome.HandshakeOutcome;
import org.tlsuplift.proxy.route.WhenModern;
import org.tlsuplift.proxy.testing.Device;
import org.tlsuplift.proxy.testing.Origin;
import org.tlsuplift.proxy.testing.TestAuthority;
import org.tlsuplift.proxy.testing.Uplift;
import org.tlsuplift.proxy.tls.TlsProfile;

/** Each failure is refused, explained and reported once, and leaves no session. */
class FailureTest {
  private static final TestAuthority OWN = TestAuthority.create();
  private static final TestAuthority ORIGINS = TestAuthority.create();
  private static final Origin.Script ECHO =
      socket -> socket.getInputStream().transferTo(socket.getOutputStream());

  private static SessionSummary summary(Uplift uplift) {
    await().until(() -> !uplift.observer.closed.isEmpty());
    await().untilAsserted(() -> assertThat(uplift.proxy().sessions()).isZero());
    assertThat(uplift.observer.closed).hasSize(1);
    return uplift.observer.closed.get(0);
  }

  private static DeviceHandshake deviceHandshake(Uplift uplift) {
    summary(uplift);
    assertThat(uplift.observer.deviceHandshakes).hasSize(1);
    return uplift.observer.deviceHandshakes.get(0);
  }

  /**
   * The origin's failure appears in the device's handshake or after it, because both run at the
   * same time.
   */
  private static void assertNothingComesThrough(Uplift uplift, HostPort target) {
    assertThatThrownBy(
            () -> {
              SSLSocket device = Device.through(uplift.web(), target, OWN.trusting(), "TLSv1");
              assertThat(device.getInputStream().read()).isNegative();
              throw new IOException("ended");
            })
        .isInstanceOf(IOException.class);
  }

  private static Uplift uplift() {
    return new Uplift(new Uplift.Settings(), OWN, ORIGINS);
  }

  @ParameterizedTest
  @CsvSource({
    "'OPTIONS http://localhost/ HTTP/1.1\r\n\r\n', 405",
    "'CONNECT localhost HTTP/1.1\r\n\r\n', 400",
    "'CONNECT localhost:0 HTTP/1.1\r\n\r\n', 400",
    "'CONNECT localhost:99999 HTTP/1.1\r\n\r\n', 400",
    "'CONNECT loc alhost:443 HTTP/1.1\r\n\r\n', 400",
    "'CONNECT ::1:443 HTTP/1.1\r\n\r\n', 400",
    "'CONNECT a..b:443 HTTP/1.1\r\n\r\n', 400",
    "'CONNECT b\u00fcro:443 HTTP/1.1\r\n\r\n', 400",
    "'GET http://b\u00fcro/ HTTP/1.1\r\n\r\n', 400",
    "'GET http://a..b/ HTTP/1.1\r\n\r\n', 400",
    "'CONNECT localhost:443 HTTP/1.1\r\nContent-Length: 2\r\n\r\nhi', 400",
    "'quit\r\n\r\n', 400",
  })
  void refusesRequestsThatAreNotAValidConnect(String head, int status) throws Exception {
    try (Uplift uplift = uplift();
        Socket device = Device.open(uplift.web())) {
      assertThat(Device.request(device, head)).startsWith("HTTP/1.1 " + status);
      String reason = new String(device.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(reason).startsWith("TLS Uplift: ").endsWith("\n").hasLineCount(1);
      device.close();
      assertThat(summary(uplift).reason()).isEqualTo(CloseReason.NEGOTIATION_REFUSED);
    }
  }

  @ParameterizedTest
  @CsvSource({"9000, 0, 414", "10, 9000, 431"})
  void refusesAnOversizedHead(int line, int header, int status) throws Exception {
    try (Uplift uplift = uplift();
        Socket device = Device.open(uplift.web())) {
      String head =
          "CONNECT " + "a".repeat(line) + ":443 HTTP/1.1\r\nX: " + "b".repeat(header) + "\r\n\r\n";
      assertThat(Device.request(device, head)).startsWith("HTTP/1.1 " + status);
    }
  }

  @Test
  void explainsTlsOnTheProxyPort() throws Exception {
    try (Uplift uplift = uplift();
        Socket device = Device.open(uplift.web())) {
      assertThatThrownBy(() -> Device.handshake(device, "localhost", OWN.trusting(), "TLSv1"))
          .isInstanceOf(IOException.class);
      assertThat(summary(uplift).detail()).contains("sent TLS, and this port expects");
    }
  }

  @Test
  void refusesADestinationWithoutARouteBeforeDialling() throws Exception {
    Uplift.Settings settings = new Uplift.Settings();
    settings.routes =
        List.of(Uplift.route(Action.BRIDGE, WhenModern.TUNNEL, "other.example.test:443"));
    try (Origin origin = Origin.start(ORIGINS.serving("localhost"), ECHO, "TLSv1.2");
        Uplift uplift = new Uplift(settings, OWN, ORIGINS);
        Socket device = Device.open(uplift.web())) {
      assertThat(Device.connect(device, origin.as("localhost"))).startsWith("HTTP/1.1 403");
      device.close();
      assertThat(summary(uplift).reason()).isEqualTo(CloseReason.NO_ROUTE);
      assertThat(summary(uplift).target()).isEqualTo(origin.as("localhost"));
      assertThat(origin.accepted()).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "localhost"})
  void refusesToConnectToItself(String host) throws Exception {
    try (Uplift uplift = uplift()) {
      HostPort self = new HostPort(host, uplift.web().getPort());
      assertThatThrownBy(() -> Device.through(uplift.web(), self, OWN.trusting(), "TLSv1"))
          .isInstanceOf(IOException.class);
      assertThat(summary(uplift).reason()).isEqualTo(CloseReason.LOOP);
      assertThat(summary(uplift).detail().contains("this machine's DNS"))
          .isEqualTo(host.equals("localhost"));
    }
  }

  @Test
  void neverTunnelsADeviceBelowTls12() throws Exception {
    Uplift.Settings settings = new Uplift.Settings();
    settings.routes = List.of(Uplift.route(Action.TUNNEL, WhenModern.TUNNEL, "localhost:*"));
    try (Origin origin = Origin.start(ORIGINS.serving("localhost"), ECHO, "TLSv1", "TLSv1.2");
        Uplift uplift = new Uplift(settings, OWN, ORIGINS)) {
      assertThatThrownBy(
              () ->
                  Device.through(uplift.web(), origin.as("localhost"), ORIGINS.trusting(), "TLSv1"))
          .hasMessageContaining("access_denied");
      assertThat(summary(uplift).reason()).isEqualTo(CloseReason.LEGACY_TUNNEL_REFUSED);
      assertThat(origin.accepted()).isZero();
    }
  }

  @Test
  void endsATunnelInWhichTheOriginChoosesALegacyVersion() throws Exception {
    try (Origin origin = Origin.start(ORIGINS.serving("localhost"), ECHO, "TLSv1.1");
        Uplift uplift = uplift()) {
      assertThatThrownBy(
              () ->
                  Device.through(
                      uplift.web(),
                      origin.as("localhost"),
                      ORIGINS.trusting(),
                      "TLSv1.1",
                      "TLSv1.2"))
          .isInstanceOf(IOException.class);
      assertThat(summary(uplift).reason()).isEqualTo(CloseReason.ORIGIN_BELOW_FLOOR);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1", "TLSv1.2"})
  void reportsThatTheDeviceRejectsTheCa(String version) throws Exception {
    Uplift.Settings settings = new Uplift.Settings();
    settings.routes = List.of(Uplift.route(Action.BRIDGE, WhenModern.BRIDGE, "localhost:*"));
    try (Origin origin = Origin.start(ORIGINS.serving("localhost"), ECHO, "TLSv1.2");
        Uplift uplift = new Uplift(settings, OWN, ORIGINS)) {
      assertThatThrownBy(
              () ->
                  Device.through(uplift.web(), origin.as("localhost"), ORIGINS.trusting(), version))
          .isInstanceOf(IOException.class);
      assertThat(deviceHandshake(uplift).outcome())
          .isEqualTo(HandshakeOutcome.CERTIFICATE_REJECTED);
      assertThat(summary(uplift).reason()).isEqualTo(CloseReason.DEVICE_HANDSHAKE_FAILED);
    }
  }

  @Test
  void reportsThatNoVersionIsShared() throws Exception {
    Uplift.Settings settings = new Uplift.Settings();
    settings.profile = TlsProfile.MODERN;
    try (Origin origin = Origin.start(ORIGINS.serving("localhost"), ECHO, "TLSv1.2");
        Uplift uplift = new Uplift(settings, OWN, ORIGINS)) {
      assertThatThrownBy(
              () -> Device.through(uplift.web(), origin.as("localhost"), OWN.trusting(), "TLSv1"))
          .hasMessageContaining("protocol_version");
      assertThat(deviceHandshake(uplift).outcome()).isEqualTo(HandshakeOutcome.NO_SHARED_VERSION);
      assertThat(deviceHandshake(uplift).detail()).contains("profile 'modern'");
    }
  }

  @Test
  void reportsThatNoCipherIsShared() throws Exception {
    try (Origin origin = Origin.start(ORIGINS.serving("localhost"), ECHO, "TLSv1.2");
        Uplift uplift = uplift();
        Socket socket = Device.open(uplift.web())) {
      Device.connect(socket, origin.as("localhost"));
      SSLSocket device =
          (SSLSocket)
              OWN.trusting().getSocketFactory().createSocket(socket, "localhost", 443, true);
      device.setEnabledProtocols(new String[] {"TLSv1"});
      device.setEnabledCipherSuites(new String[] {"SSL_RSA_WITH_RC4_128_MD5"});
      assertThatThrownBy(device::startHandshake).hasMessageContaining("handshake_failure");
      assertThat(deviceHandshake(uplift).outcome()).isEqualTo(HandshakeOutcome.NO_SHARED_CIPHER);
      assertThat(deviceHandshake(uplift).detail())
          .startsWith("the device offers no cipher suite that the listener allows")
          .contains(
              "; give the device a listener with 'profile: antique'; NO_SHARED_CIPHER; the"
                  + " listener allows profile");
    }
  }

  @Test
  void namesBytesThatAreNotTls() throws Exception {
    try (Origin origin = Origin.start(ORIGINS.serving("localhost"), ECHO, "TLSv1.2");
        Uplift uplift = uplift();
        Socket device = Device.open(uplift.web())) {
      Device.connect(device, origin.as("localhost"));
      device
          .getOutputStream()
          .write("EHLO printer secret-word\r\n".getBytes(StandardCharsets.US_ASCII));
      assertThat(device.getInputStream().read()).isNegative();
      assertThat(deviceHandshake(uplift).outcome()).isEqualTo(HandshakeOutcome.NOT_TLS);
      assertThat(summary(uplift).detail()).doesNotContain("secret-word");
      assertThat(origin.accepted()).isZero();
    }
  }

  @Test
  void timesOutASilentDevice() throws Exception {
    Uplift.Settings settings = new Uplift.Settings();
    settings.limits =
        Uplift.limits(10, 10, Duration.ofMillis(300), Duration.ofSeconds(5), Duration.ofMinutes(1));
    try (Uplift uplift = new Uplift(settings, OWN, ORIGINS);
        Socket device = Device.open(uplift.web())) {
      assertThat(device.getInputStream().read()).isNegative();
      device.close();
      assertThat(summary(uplift).reason()).isEqualTo(CloseReason.NEGOTIATION_TIMEOUT);
      assertThat(summary(uplift).detail()).contains("limits.negotiationTimeout");
    }
  }

  @Test
  void timesOutADeviceThatStopsAfterItsHello() throws Exception {
    Uplift.Settings settings = new Uplift.Settings();
    settings.limits =
        Uplift.limits(10, 10, Duration.ofSeconds(5), Duration.ofMillis(300), Duration.ofMinutes(1));
    try (Origin origin = Origin.start(ORIGINS.serving("localhost"), ECHO, "TLSv1.2");
        Uplift uplift = new Uplift(settings, OWN, ORIGINS);
        Socket device = Device.open(uplift.web())) {
      Device.connect(device, origin.as("localhost"));
      device.getOutputStream().write(RelayTest.hello("TLSv1"));
      device.getInputStream().readAllBytes();
      assertThat(deviceHandshake(uplift).outcome()).isEqualTo(HandshakeOutcome.TIMEOUT);
    }
  }

  @Test
  void noticesADeviceThatLeavesInItsHandshake() throws Exception {
    try (Origin origin = Origin.start(ORIGINS.serving("localhost"), ECHO, "TLSv1.2");
        Uplift uplift = uplift()) {
      try (Socket device = Device.open(uplift.web())) {
        Device.connect(device, origin.as("localhost"));
        device.getOutputStream().write(RelayTest.hello("TLSv1"));
        InputStream in = device.getInputStream();
        assertThat(in.read()).isEqualTo(22);
      }
      assertThat(deviceHandshake(uplift).outcome()).isEqualTo(HandshakeOutcome.CLOSED);
    }
  }

  @Test
  void explainsAnOriginThatIsDown() throws Exception {
    int port;
    try (ServerSocket gone = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      port = gone.getLocalPort();
    }
    try (Uplift uplift = uplift()) {
      assertNothingComesThrough(uplift, new HostPort("localhost", port));
      assertThat(summary(uplift).reason()).isEqualTo(CloseReason.ORIGIN_UNREACHABLE);
      assertThat(summary(uplift).target()).hasToString("localhost:" + port);
      assertThat(summary(uplift).detail()).contains("refused");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"wrong-name", "unknown-issuer"})
  void neverTrustsACertificateItCannotVerify(String fault) throws Exception {
    SSLContext serving =
        fault.equals("wrong-name")
            ? ORIGINS.serving("other.example.test")
            : TestAuthority.create().serving("localhost");
    try (Origin origin = Origin.start(serving, ECHO, "TLSv1.2");
        Uplift uplift = uplift()) {
      assertNothingComesThrough(uplift, origin.as("localhost"));
      assertThat(summary(uplift).reason()).isEqualTo(CloseReason.ORIGIN_CERTIFICATE_INVALID);
      assertThat(summary(uplift).bytesUp()).isZero();
    }
  }

  @Test
  void refusesUpstreamBelowTls12() throws Exception {
    try (Origin origin = Origin.start(ORIGINS.serving("localhost"), ECHO, "TLSv1.1");
        Uplift uplift = uplift()) {
      assertNothingComesThrough(uplift, origin.as("localhost"));
      assertThat(summary(uplift).reason()).isEqualTo(CloseReason.ORIGIN_BELOW_FLOOR);
      assertThat(uplift.observer.originHandshakes).hasSize(1);
    }
  }

  @Test
  void keepsToTheLimitsOfSessions() throws Exception {
    Uplift.Settings settings = new Uplift.Settings();
    settings.limits =
        Uplift.limits(10, 1, Duration.ofSeconds(5), Duration.ofSeconds(5), Duration.ofMinutes(1));
    try (Uplift uplift = new Uplift(settings, OWN, ORIGINS);
        Socket first = Device.open(uplift.web())) {
      await().until(() -> uplift.proxy().sessions() == 1);
      try (Socket second = Device.open(uplift.web())) {
        assertThat(second.getInputStream().read()).isNegative();
      }
      await().until(() -> !uplift.observer.closed.isEmpty());
      assertThat(uplift.observer.closed.get(0).reason())
          .isEqualTo(CloseReason.DEVICE_SESSION_LIMIT);
      first.close();
      await().until(() -> uplift.proxy().sessions() == 0);
    }
  }

  @Test
  void sessionsContinueWhileTheProxyDrains() throws Exception {
    try (Origin origin = Origin.start(ORIGINS.serving("localhost"), ECHO, "TLSv1.2");
        Uplift uplift = uplift();
        SSLSocket device =
            Device.through(uplift.web(), origin.as("localhost"), OWN.trusting(), "TLSv1")) {
      assertThat(Device.exchange(device, "one")).isEqualTo("one");
      Thread drain =
          new Thread(
              () -> assertThat(uplift.proxy().drain(Duration.ofSeconds(10))).isZero(), "drain");
      drain.start();
      await()
          .untilAsserted(
              () ->
                  assertThatThrownBy(() -> Device.open(uplift.web()).close())
                      .isInstanceOf(IOException.class));
      assertThat(Device.exchange(device, "two")).isEqualTo("two");
      device.close();
      drain.join(5000);
      assertThat(drain.isAlive()).isFalse();
    }
  }
}
