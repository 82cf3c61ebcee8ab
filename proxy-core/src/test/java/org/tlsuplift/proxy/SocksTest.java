package org.tlsuplift.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tlsuplift.proxy.model.Action;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.SessionSummary;
import org.tlsuplift.proxy.negotiate.SocksUsers;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.route.WhenModern;
import org.tlsuplift.proxy.testing.Device;
import org.tlsuplift.proxy.testing.Origin;
import org.tlsuplift.proxy.testing.TestAuthority;
import org.tlsuplift.proxy.testing.Uplift;

@Timeout(300)
class SocksTest {
  private static final TestAuthority OWN = TestAuthority.create();
  private static final TestAuthority ORIGINS = TestAuthority.create();
  private static final Origin.Script TELL =
      socket -> {
        String line = Device.readLine(socket.getInputStream());
        String told = line + " over " + socket.getSession().getProtocol() + "\n";
        socket.getOutputStream().write(told.getBytes(StandardCharsets.US_ASCII));
      };

  private final Uplift.Settings settings = new Uplift.Settings();

  private static String text(String ascii) {
    return HexFormat.of().formatHex(ascii.getBytes(StandardCharsets.US_ASCII));
  }

  private static void send(Socket socket, String hex) throws Exception {
    socket.getOutputStream().write(HexFormat.of().parseHex(hex));
  }

  private static String hear(Socket socket, int bytes) throws Exception {
    InputStream in = socket.getInputStream();
    return HexFormat.of().formatHex(in.readNBytes(bytes));
  }

  private static String connect5(HostPort target) {
    return "05010003%02x%s%04x"
        .formatted(target.host().length(), text(target.host()), target.port());
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

  @Test
  void upgradesDevicesOfBothVersions() throws Exception {
    try (Origin origin = Origin.start(ORIGINS.serving("localhost"), TELL, "TLSv1.2");
        Uplift uplift = new Uplift(settings, OWN, ORIGINS)) {
      HostPort target = origin.as("localhost");
      Socket five = Device.open(uplift.socks());
      send(five, "050100" + connect5(target));
      assertThat(hear(five, 12)).isEqualTo("0500" + "05000001000000000000");
      assertUpgrades(five);
      Socket four = Device.open(uplift.socks());
      send(four, "0401%04x0000000100%s00".formatted(target.port(), text("localhost")));
      assertThat(hear(four, 8)).isEqualTo("005a000000000000");
      assertUpgrades(four);
      await().until(() -> uplift.observer.closed.size() == 2);
      assertThat(uplift.observer.closed)
          .allSatisfy(
              summary -> {
                assertThat(summary.listener()).isEqualTo("socks");
                assertThat(summary.target()).isEqualTo(target);
                assertThat(summary.action()).isEqualTo(Action.BRIDGE);
              });
    }
  }

  @Test
  void acceptsDevicesByNameAndPassword() throws Exception {
    settings.users = new SocksUsers(Map.of("scanner", "hunter2"));
    try (Origin origin = Origin.start(ORIGINS.serving("localhost"), TELL, "TLSv1.2");
        Uplift uplift = new Uplift(settings, OWN, ORIGINS)) {
      Socket device = Device.open(uplift.socks());
      send(device, "05020002");
      assertThat(hear(device, 2)).isEqualTo("0502");
      send(device, "0107" + text("scanner") + "07" + text("hunter2"));
      assertThat(hear(device, 2)).isEqualTo("0100");
      send(device, connect5(origin.as("localhost")));
      assertThat(hear(device, 10)).isEqualTo("05000001000000000000");
      assertUpgrades(device);
    }
  }

  private static Socket as(String name, Uplift uplift, Origin origin) throws Exception {
    Socket device = Device.open(uplift.socks());
    send(device, "05010201" + "%02x".formatted(name.length()) + text(name) + "01" + text("x"));
    assertThat(hear(device, 4)).isEqualTo("05020100");
    send(device, connect5(origin.as("localhost")));
    assertThat(hear(device, 10)).isEqualTo("05000001000000000000");
    return device;
  }

  private void reload(Uplift uplift, Map<String, String> users) throws Exception {
    settings.users = new SocksUsers(users);
    uplift.proxy().apply(uplift.spec(settings, OWN, ORIGINS));
  }

  @Test
  void theSessionsOfARemovedOrChangedUserEnd() throws Exception {
    settings.users = new SocksUsers(Map.of("scanner", "x", "fax", "x"));
    try (Origin origin = Origin.start(ORIGINS.serving("localhost"), TELL, "TLSv1.2");
        Uplift uplift = new Uplift(settings, OWN, ORIGINS);
        Socket scanner = as("scanner", uplift, origin);
        Socket fax = as("fax", uplift, origin);
        Socket phone = as("fax", uplift, origin);
        Socket unknown = Device.open(uplift.socks())) {
      send(unknown, "050102");
      assertThat(hear(unknown, 2)).isEqualTo("0502");
      reload(uplift, Map.of("scanner", "x", "fax", "x", "camera", "x"));
      assertUpgrades(phone);
      await().until(() -> uplift.observer.closed.size() == 1);

      reload(uplift, Map.of("scanner", "y", "fax", "x"));

      assertThat(scanner.getInputStream().read()).isEqualTo(-1);
      assertThat(unknown.getInputStream().read()).as("it could be this user").isEqualTo(-1);
      await().until(() -> uplift.observer.closed.size() == 3);
      assertThat(uplift.observer.closed.subList(1, 3))
          .allSatisfy(
              ended -> {
                assertThat(ended.reason()).isEqualTo(CloseReason.ACCESS_REVOKED);
                assertThat(ended.detail())
                    .contains("its SOCKS user was removed or changed")
                    .doesNotContain("scanner");
              });
      assertUpgrades(fax);
    }
  }

  @Test
  void refusesWithoutDialling() throws Exception {
    try (Origin origin = Origin.start(ORIGINS.serving("localhost"), TELL, "TLSv1.2")) {
      settings.routes = List.of(Uplift.route(Action.BRIDGE, WhenModern.TUNNEL, "a.example"));
      try (Uplift uplift = new Uplift(settings, OWN, ORIGINS);
          Socket device = Device.open(uplift.socks())) {
        send(device, "050100" + connect5(origin.as("localhost")));
        assertThat(HexFormat.of().formatHex(device.getInputStream().readAllBytes()))
            .isEqualTo("0500" + "05020001000000000000");
        assertThat(summary(uplift).reason()).isEqualTo(CloseReason.NO_ROUTE);
        assertThat(summary(uplift).target()).isEqualTo(origin.as("localhost"));
        assertThat(origin.accepted()).isZero();
      }
    }
  }

  @Test
  void refusesToConnectToItself() throws Exception {
    try (Uplift uplift = new Uplift(settings, OWN, ORIGINS);
        Socket device = Device.open(uplift.socks())) {
      send(device, "05010005010001" + "7f000001" + "%04x".formatted(uplift.socks().getPort()));
      assertThat(HexFormat.of().formatHex(device.getInputStream().readAllBytes()))
          .isEqualTo("0500" + "05020001000000000000");
      assertThat(summary(uplift).reason()).isEqualTo(CloseReason.LOOP);
    }
  }

  @Test
  void greetsDevicesThatAskForAPortOfMail() throws Exception {
    try (Uplift uplift = new Uplift(settings, OWN, ORIGINS);
        Socket device = Device.open(uplift.socks())) {
      send(device, "050100" + connect5(new HostPort("localhost", 587)));
      assertThat(hear(device, 12)).endsWith("05000001000000000000");
      assertThat(Device.readLine(device.getInputStream())).startsWith("220 localhost ");
    }
  }

  @Test
  void waitsNoLongerThanItsTimeout() throws Exception {
    settings.limits =
        Uplift.limits(10, 10, Duration.ofMillis(200), Duration.ofSeconds(5), Duration.ofMinutes(1));
    try (Uplift uplift = new Uplift(settings, OWN, ORIGINS);
        Socket device = Device.open(uplift.socks())) {
      send(device, "050100" + "0501");
      assertThat(HexFormat.of().formatHex(device.getInputStream().readAllBytes()))
          .isEqualTo("0500");
      assertThat(summary(uplift).reason()).isEqualTo(CloseReason.NEGOTIATION_TIMEOUT);
    }
  }
}
