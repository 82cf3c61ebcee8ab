package org.tlsuplift.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlsuplift.proxy.context.Limits;
import org.tlsuplift.proxy.context.ProxyProtocolSpec;
import org.tlsuplift.proxy.mail.MailService;
import org.tlsuplift.proxy.mail.MailService.DeviceTls;
import org.tlsuplift.proxy.mail.MailService.OriginTls;
import org.tlsuplift.proxy.model.Action;
import org.tlsuplift.proxy.model.DeviceNetworks;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.model.SessionSummary;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.route.Cidr;
import org.tlsuplift.proxy.testing.Device;
import org.tlsuplift.proxy.testing.Origin;
import org.tlsuplift.proxy.testing.TestAuthority;
import org.tlsuplift.proxy.testing.Uplift;

/** After a PROXY header, decisions and reports use the device address in the header. */
@Timeout(300)
class ProxyProtocolTest {
  private static final TestAuthority OWN = TestAuthority.create();
  private static final TestAuthority ORIGINS = TestAuthority.create();
  private static final Origin.Script TELL =
      socket -> {
        String line = Device.readLine(socket.getInputStream());
        String told = line + " over " + socket.getSession().getProtocol() + "\n";
        socket.getOutputStream().write(told.getBytes(StandardCharsets.US_ASCII));
      };
  private static final String LOCAL = "0d0a0d0a000d0a515549540a20000000";

  private final Uplift.Settings settings = new Uplift.Settings();

  ProxyProtocolTest() {
    settings.proxyProtocol = new ProxyProtocolSpec(List.of(Cidr.parse("127.0.0.1")));
    // The load balancer itself, on 127.0.0.1, is not admitted.
    settings.allow = List.of(Cidr.parse("10.0.0.0/8"), Cidr.parse("2001:db8::/32"));
  }

  private static Socket from(String device, InetSocketAddress listener) throws Exception {
    Socket socket = Device.open(listener);
    String family = device.contains(":") ? "TCP6" : "TCP4";
    String local = device.contains(":") ? "::1" : "127.0.0.1";
    say(socket, "PROXY " + family + " " + device + " " + local + " 40000 3128\r\n");
    return socket;
  }

  private static void say(Socket socket, String text) throws Exception {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
  }

  private static void assertUpgrades(Socket socket) throws Exception {
    try (SSLSocket device = Device.handshake(socket, "localhost", OWN.trusting(), "TLSv1")) {
      assertThat(Device.exchange(device, "scan")).isEqualTo("scan over TLSv1.2");
    }
  }

  private static SessionSummary summary(Uplift uplift) {
    await().until(() -> !uplift.observer.closed.isEmpty());
    return uplift.observer.closed.get(0);
  }

  private static void assertEnded(Uplift uplift, Socket socket, CloseReason reason, String detail)
      throws Exception {
    assertThat(socket.getInputStream().readAllBytes()).isEmpty();
    SessionSummary summary = summary(uplift);
    assertThat(summary.reason()).isEqualTo(reason);
    assertThat(summary.detail()).contains(detail);
    assertThat(uplift.observer.opened).hasValue(1);
    await().until(() -> uplift.proxy().sessions() == 0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"10.1.2.3", "2001:db8:0:0:0:0:0:7"})
  void admitsAndReportsTheDeviceOfTheHeader(String device) throws Exception {
    try (Origin origin = Origin.start(ORIGINS.serving("localhost"), TELL, "TLSv1.2");
        Uplift uplift = new Uplift(settings, OWN, ORIGINS)) {
      Socket socket = from(device, uplift.web());
      assertThat(Device.connect(socket, origin.as("localhost"))).startsWith("HTTP/1.1 200");
      assertUpgrades(socket);
      assertThat(summary(uplift).device()).isEqualTo(new InetSocketAddress(device, 40000));
      assertThat(uplift.observer.opened).hasValue(1);
      await().until(() -> uplift.proxy().sessions() == 0);
    }
  }

  @Test
  void fixedListenersAcceptAProxyHeader() throws Exception {
    try (Origin origin = Origin.start(ORIGINS.serving("localhost"), TELL, "TLSv1.2")) {
      settings.fixed = List.of(origin.as("localhost"));
      try (Uplift uplift = new Uplift(settings, OWN, ORIGINS)) {
        assertUpgrades(from("10.1.2.3", uplift.fixed()));
        assertThat(summary(uplift).target()).isEqualTo(origin.as("localhost"));
      }
    }
  }

  @Test
  void socksListenersAcceptAProxyHeader() throws Exception {
    try (Origin origin = Origin.start(ORIGINS.serving("localhost"), TELL, "TLSv1.2");
        Uplift uplift = new Uplift(settings, OWN, ORIGINS)) {
      Socket socket = from("10.1.2.3", uplift.socks());
      String name = HexFormat.of().formatHex("localhost".getBytes(StandardCharsets.US_ASCII));
      String request = "050100" + "0501000309%s%04x".formatted(name, origin.as("localhost").port());
      socket.getOutputStream().write(HexFormat.of().parseHex(request));
      assertThat(socket.getInputStream().readNBytes(12)).startsWith(5, 0, 5, 0);
      assertUpgrades(socket);
    }
  }

  @Test
  void greetsMailDevicesAfterAProxyHeader() throws Exception {
    settings.fixed = List.of(new HostPort("localhost", 587));
    settings.mail =
        new MailService(MailProtocol.SMTP, DeviceTls.STARTTLS, OriginTls.STARTTLS, false);
    try (Uplift uplift = new Uplift(settings, OWN, ORIGINS);
        Socket socket = from("10.1.2.3", uplift.fixed())) {
      assertThat(Device.readLine(socket.getInputStream())).startsWith("220 localhost ");
    }
  }

  @Test
  void refusesTheDeviceOfTheHeaderIfItIsNotAllowed() throws Exception {
    try (Uplift uplift = new Uplift(settings, OWN, ORIGINS);
        Socket socket = from("11.0.0.1", uplift.web())) {
      assertEnded(uplift, socket, CloseReason.DEVICE_NOT_ADMITTED, "devices.allow");
      assertThat(summary(uplift).device()).isEqualTo(new InetSocketAddress("11.0.0.1", 40000));
    }
  }

  @Test
  void localHeaderRefusesASenderThatIsNotADevice() throws Exception {
    try (Uplift uplift = new Uplift(settings, OWN, ORIGINS);
        Socket socket = Device.open(uplift.web())) {
      socket.getOutputStream().write(HexFormat.of().parseHex(LOCAL));
      assertEnded(uplift, socket, CloseReason.DEVICE_NOT_ADMITTED, "devices.allow");
      assertThat(summary(uplift).device()).isEqualTo(socket.getLocalSocketAddress());
    }
  }

  @Test
  void localHeaderAdmitsASenderThatIsADevice() throws Exception {
    settings.allow = List.of(Cidr.parse("127.0.0.1"));
    try (Origin origin = Origin.start(ORIGINS.serving("localhost"), TELL, "TLSv1.2");
        Uplift uplift = new Uplift(settings, OWN, ORIGINS)) {
      for (String header :
          List.of(
              LOCAL,
              HexFormat.of().formatHex("PROXY UNKNOWN\r\n".getBytes(StandardCharsets.US_ASCII)))) {
        Socket socket = Device.open(uplift.web());
        socket.getOutputStream().write(HexFormat.of().parseHex(header));
        assertThat(Device.connect(socket, origin.as("localhost"))).startsWith("HTTP/1.1 200");
        assertUpgrades(socket);
      }
    }
  }

  @Test
  void countsSessionsByTheDeviceOfTheHeader() throws Exception {
    settings.limits =
        Uplift.limits(4, 1, Duration.ofSeconds(30), Duration.ofSeconds(5), Duration.ofMinutes(1));
    try (Uplift uplift = new Uplift(settings, OWN, ORIGINS);
        Socket waiting = Device.open(uplift.web());
        Socket waitingToo = Device.open(uplift.web());
        Socket one = from("10.0.0.1", uplift.web());
        Socket two = from("10.0.0.2", uplift.web())) {
      await().until(() -> uplift.proxy().sessions() == 4);
      await().until(() -> uplift.observer.opened.get() == 2);
      assertThat(uplift.observer.closed).isEmpty();
      try (Socket more = Device.open(uplift.web())) {
        assertEndsAs(uplift, more, CloseReason.SESSION_LIMIT);
      }
      waiting.close();
      await().until(() -> uplift.proxy().sessions() == 3);
      try (Socket same = from("10.0.0.1", uplift.web())) {
        assertEndsAs(uplift, same, CloseReason.DEVICE_SESSION_LIMIT);
      }
      assertThat(one.isConnected() && two.isConnected() && waitingToo.isConnected()).isTrue();
    }
  }

  @Test
  void countsAnIpv6NetworkAsOneDevice() throws Exception {
    settings.limits =
        Uplift.limits(9, 1, Duration.ofSeconds(30), Duration.ofSeconds(5), Duration.ofMinutes(1));
    try (Uplift uplift = new Uplift(settings, OWN, ORIGINS);
        Socket one = from("2001:db8:0:1::1", uplift.web());
        Socket elsewhere = from("2001:db8:0:2::1", uplift.web())) {
      await().until(() -> uplift.observer.opened.get() == 2);
      assertThat(uplift.observer.closed).isEmpty();
      try (Socket other = from("2001:db8:0:1:ffff::2", uplift.web())) {
        assertEndsAs(uplift, other, CloseReason.DEVICE_SESSION_LIMIT);
      }
      assertThat(one.isConnected() && elsewhere.isConnected()).isTrue();
    }
  }

  @Test
  void limitsHandshakesByTheDeviceOfTheHeader() throws Exception {
    settings.limits =
        new Limits(
            99,
            99,
            DeviceNetworks.DEFAULT,
            // Slow enough that no step is refilled during the test.
            new Limits.Handshakes(1, 2),
            Duration.ofSeconds(5),
            Duration.ofSeconds(5),
            Duration.ofMinutes(1));
    try (Origin origin = Origin.start(ORIGINS.serving("localhost"), TELL, "TLSv1.2");
        Uplift uplift = new Uplift(settings, OWN, ORIGINS)) {
      assertUpgrades(connected("2001:db8::1", uplift, origin));
      assertUpgrades(connected("2001:db8::2", uplift, origin));
      assertUpgrades(connected("10.0.0.1", uplift, origin));
      await("a handshake is refused")
          .until(
              () -> {
                try (Socket third = connected("2001:db8::3", uplift, origin)) {
                  assertUpgrades(third);
                  return false;
                } catch (SSLException alerted) {
                  assertThat(alerted).hasMessageContaining("access_denied");
                  return true;
                }
              });
      await()
          .untilAsserted(
              () ->
                  assertThat(uplift.observer.closed)
                      .anySatisfy(
                          summary -> {
                            assertThat(summary.reason())
                                .isEqualTo(CloseReason.DEVICE_HANDSHAKE_LIMIT);
                            assertThat(summary.action()).isEqualTo(Action.DENY);
                            assertThat(summary.detail())
                                .isEqualTo(
                                    "the device exceeded 1 TLS handshakes per second (burst 2);"
                                        + " raise limits.handshakesPerSecond if this address stands"
                                        + " for many devices");
                          }));
      assertUpgrades(connected("10.0.0.1", uplift, origin));
    }
  }

  private static Socket connected(String device, Uplift uplift, Origin origin) throws Exception {
    Socket socket = from(device, uplift.web());
    assertThat(Device.connect(socket, origin.as("localhost"))).startsWith("HTTP/1.1 200");
    return socket;
  }

  private static void assertEndsAs(Uplift uplift, Socket socket, CloseReason reason)
      throws Exception {
    assertThat(socket.getInputStream().readAllBytes()).isEmpty();
    await()
        .untilAsserted(
            () ->
                assertThat(uplift.observer.closed)
                    .extracting(SessionSummary::reason)
                    .contains(reason));
  }

  @ParameterizedTest
  @ValueSource(strings = {"\u0016\u0003\u0001", "CONNECT localhost:443 HTTP/1.1\r\n\r\n"})
  void refusesConnectionsWithoutAHeader(String first) throws Exception {
    try (Uplift uplift = new Uplift(settings, OWN, ORIGINS);
        Socket socket = Device.open(uplift.web())) {
      say(socket, first);
      assertEnded(uplift, socket, CloseReason.PROXY_HEADER_REFUSED, "expected a PROXY header");
    }
  }

  @Test
  void refusesAMalformedHeader() throws Exception {
    try (Uplift uplift = new Uplift(settings, OWN, ORIGINS);
        Socket socket = Device.open(uplift.web())) {
      say(socket, "PROXY TCP4 10.0.0.1\r\n");
      assertEnded(uplift, socket, CloseReason.PROXY_HEADER_REFUSED, "malformed or too long");
    }
  }

  @Test
  void refusesSendersThatAreNotNamed() throws Exception {
    settings.proxyProtocol = new ProxyProtocolSpec(List.of(Cidr.parse("127.0.0.2")));
    try (Uplift uplift = new Uplift(settings, OWN, ORIGINS);
        Socket socket = Device.open(uplift.web())) {
      assertEnded(uplift, socket, CloseReason.PROXY_HEADER_REFUSED, "proxyProtocol.from");
    }
  }

  @Test
  void waitsNoLongerThanItsTimeout() throws Exception {
    settings.limits =
        Uplift.limits(10, 10, Duration.ofMillis(200), Duration.ofSeconds(5), Duration.ofMinutes(1));
    try (Uplift uplift = new Uplift(settings, OWN, ORIGINS);
        Socket socket = Device.open(uplift.web())) {
      say(socket, "PROXY TCP4 ");
      assertEnded(
          uplift, socket, CloseReason.NEGOTIATION_TIMEOUT, "the PROXY header was not complete");
    }
  }

  @Test
  void aPortProbeIsNoFailure() throws Exception {
    try (Uplift uplift = new Uplift(settings, OWN, ORIGINS)) {
      Device.open(uplift.web()).close();
      assertThat(summary(uplift).reason()).isEqualTo(CloseReason.DEVICE_CLOSED);
      await().until(() -> uplift.proxy().sessions() == 0);
    }
  }

  @Test
  void closesConnectionsWithoutAHeaderAtShutdown() throws Exception {
    try (Uplift uplift = new Uplift(settings, OWN, ORIGINS);
        Socket socket = Device.open(uplift.web())) {
      await().until(() -> uplift.proxy().sessions() == 1);
      assertThat(uplift.proxy().drain(Duration.ZERO)).isEqualTo(1);
      assertEnded(uplift, socket, CloseReason.SHUTDOWN, "shutting down");
    }
  }
}
