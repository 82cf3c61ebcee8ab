package org.tlsuplift.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tlsuplift.proxy.model.Action;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.route.Destination;
import org.tlsuplift.proxy.route.Egress;
import org.tlsuplift.proxy.route.EndpointList;
import org.tlsuplift.proxy.route.Route;
import org.tlsuplift.proxy.route.RouteTable;
import org.tlsuplift.proxy.route.UpstreamProxy;
import org.tlsuplift.proxy.route.WhenModern;
import org.tlsuplift.proxy.testing.Device;
import org.tlsuplift.proxy.testing.Origin;
import org.tlsuplift.proxy.testing.TestAuthority;
import org.tlsuplift.proxy.testing.Uplift;

/** The routes of a running proxy are replaced. */
@Timeout(300)
class RouteReplacementTest {
  private static final TestAuthority OWN = TestAuthority.create();
  private static final TestAuthority ORIGINS = TestAuthority.create();
  private static final Origin.Script ECHO =
      socket -> {
        for (String line = Device.readLine(socket.getInputStream());
            !line.isEmpty();
            line = Device.readLine(socket.getInputStream())) {
          socket.getOutputStream().write((line + "\n").getBytes(StandardCharsets.US_ASCII));
        }
      };

  private final Uplift.Settings settings = new Uplift.Settings();

  private static RouteTable routes(String... destinations) {
    return new RouteTable(List.of(Uplift.route(Action.BRIDGE, WhenModern.TUNNEL, destinations)));
  }

  private static SSLSocket device(Uplift uplift, HostPort origin) throws Exception {
    return Device.through(uplift.web(), origin, OWN.trusting(), "TLSv1");
  }

  private static String refusal(Uplift uplift, HostPort target) throws Exception {
    try (Socket socket = Device.open(uplift.web())) {
      return Device.connect(socket, target);
    }
  }

  @Test
  void newSessionsReachAHostThatTheNewRoutesAllow() throws Exception {
    settings.routes = routes("other.example:443").routes();
    try (Origin origin = Origin.start(ORIGINS.serving("localhost"), ECHO, "TLSv1.2");
        Uplift uplift = new Uplift(settings, OWN, ORIGINS)) {
      assertThat(refusal(uplift, origin.as("localhost"))).startsWith("HTTP/1.1 403");

      uplift.proxy().replaceRoutes(routes("localhost:*"));

      try (SSLSocket device = device(uplift, origin.as("localhost"))) {
        assertThat(Device.exchange(device, "scan")).isEqualTo("scan");
      }
    }
  }

  @Test
  void removedHostRefusesNewSessionsAndKeepsOpenOnes() throws Exception {
    settings.routes = routes("localhost:*").routes();
    try (Origin origin = Origin.start(ORIGINS.serving("localhost"), ECHO, "TLSv1.2");
        Uplift uplift = new Uplift(settings, OWN, ORIGINS);
        SSLSocket device = device(uplift, origin.as("localhost"))) {
      assertThat(Device.exchange(device, "one")).isEqualTo("one");

      uplift.proxy().replaceRoutes(routes("other.example:443"));

      assertThat(Device.exchange(device, "two")).isEqualTo("two");
      assertThat(refusal(uplift, origin.as("localhost"))).startsWith("HTTP/1.1 403");
      await().until(() -> !uplift.observer.closed.isEmpty());
      assertThat(uplift.observer.closed.get(0).reason()).isEqualTo(CloseReason.NO_ROUTE);
    }
  }

  /** The device has sent its CONNECT, but not its ClientHello. */
  @Test
  void aSessionKeepsTheRoutesThatItStartedWith() throws Exception {
    settings.routes = routes("localhost:*").routes();
    try (Origin origin = Origin.start(ORIGINS.serving("localhost"), ECHO, "TLSv1.2");
        Uplift uplift = new Uplift(settings, OWN, ORIGINS);
        Socket socket = Device.open(uplift.web())) {
      assertThat(Device.connect(socket, origin.as("localhost"))).startsWith("HTTP/1.1 200");

      uplift.proxy().replaceRoutes(routes("other.example:443"));

      SSLSocket device = Device.handshake(socket, "localhost", OWN.trusting(), "TLSv1");
      assertThat(Device.exchange(device, "scan")).isEqualTo("scan");
    }
  }

  @Test
  void newSessionsUseTheUpstreamProxyOfTheNewRoutes() throws Exception {
    settings.routes = routes("localhost:*").routes();
    try (Origin origin = Origin.start(ORIGINS.serving("localhost"), ECHO, "TLSv1.2");
        Uplift proxy = new Uplift(new Uplift.Settings(), OWN, ORIGINS);
        Uplift uplift = new Uplift(settings, OWN, ORIGINS)) {
      UpstreamProxy via =
          new UpstreamProxy(
              UpstreamProxy.Protocol.HTTP, new HostPort("127.0.0.1", proxy.web().getPort()), null);
      Route route =
          new Route(
              new EndpointList("new", List.of(Destination.parse("localhost:*"))),
              Action.BRIDGE,
              WhenModern.TUNNEL,
              null,
              new Egress(via, false));

      uplift.proxy().replaceRoutes(new RouteTable(List.of(route)));

      try (SSLSocket device = device(uplift, origin.as("localhost"))) {
        assertThat(Device.exchange(device, "scan")).isEqualTo("scan");
        assertThat(proxy.observer.opened).hasValue(1);
      }
    }
  }

  @Test
  void refusesARouteWithAnUnknownClientCertificate() {
    Route route =
        new Route(
            new EndpointList("new", List.of(Destination.parse("localhost:25"))),
            Action.BRIDGE,
            WhenModern.BRIDGE,
            "connector",
            null);
    try (Uplift uplift = new Uplift(settings, OWN, ORIGINS)) {
      assertThatThrownBy(() -> uplift.proxy().replaceRoutes(new RouteTable(List.of(route))))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("a route has client certificate 'connector'");
    }
  }
}
