package org.tlsuplift.proxy.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.tlsuplift.proxy.route.Hellos.hello;
import static org.tlsuplift.proxy.route.Hellos.modern;
import static org.tlsuplift.proxy.route.Hellos.old;
import static org.tlsuplift.proxy.route.Hellos.request;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tlsuplift.proxy.model.Action;
import org.tlsuplift.proxy.model.Explanation;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.TlsVersion;
import org.tlsuplift.proxy.outcome.CloseReason;

class RouteTableTest {
  private static final HostPort ORIGIN = new HostPort("mail.corp.example", 443);

  private static Route route(Action action, WhenModern whenModern, String... to) {
    List<Destination> destinations = Arrays.stream(to).map(Destination::parse).toList();
    return new Route(new EndpointList("test", destinations), action, whenModern, null, null);
  }

  private static Route bridge(String... to) {
    return route(Action.BRIDGE, WhenModern.TUNNEL, to);
  }

  private static RouteTable table(Route... routes) {
    return new RouteTable(List.of(routes));
  }

  @Test
  void bridgesADeviceThatNeedsIt() {
    assertThat(
            table(bridge("*.corp.example"))
                .decide(request("mail.corp.example:443", null, old(null))))
        .isEqualTo(
            new RouteDecision.Bridge(ORIGIN, "mail.corp.example", "offers TLSv1 only", null));
  }

  @Test
  void tunnelsAModernDeviceThroughABridgingRoute() {
    assertThat(
            table(bridge("*.corp.example"))
                .decide(request("mail.corp.example:443", null, modern(null))))
        .isEqualTo(
            new RouteDecision.Tunnel(
                ORIGIN, "mail.corp.example", "offers TLSv1.3 with suites Microsoft 365 accepts"));
  }

  @ParameterizedTest
  @CsvSource({
    "TUNNEL, , TUNNEL",
    "TUNNEL, BRIDGE, BRIDGE",
    "BRIDGE, , BRIDGE",
    "BRIDGE, TUNNEL, TUNNEL",
  })
  void theListenerOverridesTheRouteForModernDevices(
      WhenModern ofRoute, @Nullable WhenModern ofListener, Action action) {
    RouteTable table = table(route(Action.BRIDGE, ofRoute, "*.corp.example"));
    assertThat(table.decide(request("mail.corp.example:443", ofListener, modern(null))).action())
        .isEqualTo(action);
    assertThat(table.decide(request("mail.corp.example:443", ofListener, old(null))).action())
        .isEqualTo(Action.BRIDGE);
  }

  @ParameterizedTest
  @CsvSource({"TUNNEL, ", "TUNNEL, TUNNEL", "BRIDGE, TUNNEL"})
  void bridgesEveryDeviceIfTheRouteHasAClientCertificate(
      WhenModern ofRoute, @Nullable WhenModern ofListener) {
    EndpointList to = new EndpointList("test", List.of(Destination.parse("*.corp.example")));
    RouteTable table = table(new Route(to, Action.BRIDGE, ofRoute, "connector", null));
    assertThat(table.decide(request("mail.corp.example:443", ofListener, modern(null))))
        .isEqualTo(
            new RouteDecision.Bridge(
                ORIGIN,
                "mail.corp.example",
                "offers TLSv1.3 with suites Microsoft 365 accepts",
                "connector"));
    assertThat(table.clientCertificate(ORIGIN)).contains("connector");
    assertThat(table.clientCertificate(new HostPort("other.example", 443))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"TUNNEL", "FORWARD", "DENY"})
  void refusesACertificateThatWouldNeverBePresented(Action action) {
    EndpointList to = new EndpointList("test", List.of(Destination.parse("*.corp.example")));
    assertThatThrownBy(() -> new Route(to, action, WhenModern.TUNNEL, "connector", null))
        .hasMessageContaining("only 'bridge' can present one");
  }

  @Test
  void refusesToTunnelLegacyTls() {
    RouteTable table = table(route(Action.TUNNEL, WhenModern.TUNNEL, "*.corp.example"));
    assertThat(table.decide(request("mail.corp.example:443", null, old(null))))
        .isEqualTo(
            new RouteDecision.Deny(
                CloseReason.LEGACY_TUNNEL_REFUSED,
                Explanation.of(
                    "the device offers TLSv1 only, which must not leave, and the route to"
                        + " mail.corp.example:443 (test) only tunnels",
                    "set 'action: bridge' in the route")));
    assertThat(
            table
                .decide(
                    request(
                        "mail.corp.example:443",
                        null,
                        hello(List.of(TlsVersion.TLS_1_2, TlsVersion.TLS_1_0), 0x002f)))
                .action())
        .isEqualTo(Action.TUNNEL);
  }

  @Test
  void noOverrideTunnelsLegacyTls() {
    RouteTable table = table(route(Action.TUNNEL, WhenModern.BRIDGE, "*.corp.example"));
    for (WhenModern whenModern : WhenModern.values()) {
      assertThat(table.decide(request("mail.corp.example:443", whenModern, old(null))).action())
          .isEqualTo(Action.DENY);
    }
  }

  @Test
  void deniesADestinationWithoutARoute() {
    RouteDecision.Deny denied =
        new RouteDecision.Deny(
            CloseReason.NO_ROUTE,
            Explanation.of(
                "no route allows evil.example:443", "add it to 'routes' if devices may go there"));
    RouteTable table = table(bridge("*.corp.example"));
    assertThat(table.decide(request("evil.example:443", null, old("mail.corp.example"))))
        .isEqualTo(denied);
    assertThat(table.precheck(new HostPort("evil.example", 443))).contains(denied);
    assertThat(table().precheck(new HostPort("evil.example", 443))).contains(denied);
  }

  @Test
  void namesThePortsOnWhichAHostIsAllowed() {
    RouteTable table = table(bridge("*.corp.example:443,993"), bridge("mail.corp.example:25"));
    assertThat(table.precheck(new HostPort("mail.corp.example", 80)))
        .contains(
            new RouteDecision.Deny(
                CloseReason.NO_ROUTE,
                Explanation.of(
                    "no route allows mail.corp.example:80",
                    "the host is allowed on port 25,443,993 only; see 'routes'")));
  }

  @Test
  void theFirstRouteThatMatchesDecides() {
    RouteTable table =
        table(
            route(Action.DENY, WhenModern.TUNNEL, "secret.corp.example"),
            bridge("*.corp.example"),
            route(Action.TUNNEL, WhenModern.TUNNEL, "*.corp.example", "*"));
    assertThat(table.precheck(new HostPort("secret.corp.example", 443)))
        .contains(
            new RouteDecision.Deny(
                CloseReason.ROUTE_DENIED,
                Explanation.of(
                    "a route (test) denies secret.corp.example:443",
                    "change 'routes' if devices may go there")));
    assertThat(table.precheck(ORIGIN)).isEmpty();
    assertThat(table.decide(request("mail.corp.example:443", null, old(null))).action())
        .isEqualTo(Action.BRIDGE);
    assertThat(table.decide(request("other.example:443", null, modern(null))).action())
        .isEqualTo(Action.TUNNEL);
  }

  @ParameterizedTest
  @CsvSource({
    "192.0.2.1:443, mail.corp.example, mail.corp.example",
    "192.0.2.1:443, other.example, 192.0.2.1",
    "192.0.2.1:443, secret.corp.example, 192.0.2.1",
    "192.0.2.1:443, 192.0.2.2, 192.0.2.1",
    "192.0.2.1:443, 'not a name', 192.0.2.1",
    "192.0.2.1:443, , 192.0.2.1",
    "192.0.2.1:993, mail.corp.example, 192.0.2.1",
    "mail.corp.example:443, other.corp.example, mail.corp.example",
  })
  void usesTheSniOfAnAddressOnlyIfARouteAllowsThatName(
      String target, @Nullable String sni, String serverName) {
    RouteTable table =
        table(
            bridge("192.0.2.0/24:443,993"),
            route(Action.DENY, WhenModern.TUNNEL, "secret.corp.example"),
            bridge("*.corp.example"));
    RouteDecision decision = table.decide(request(target, null, old(sni)));
    assertThat(decision)
        .isInstanceOfSatisfying(
            RouteDecision.Bridge.class,
            bridge -> assertThat(bridge.serverName()).isEqualTo(serverName));
  }

  @Test
  void anAllowedSniOpensNoAddressThatNoRouteAllows() {
    assertThat(
            table(bridge("*.corp.example"))
                .decide(request("192.0.2.1:443", null, old("mail.corp.example")))
                .action())
        .isEqualTo(Action.DENY);
  }

  @Test
  void onlyAForwardRouteForwardsPlainHttp() {
    RouteTable table =
        table(
            route(Action.FORWARD, WhenModern.TUNNEL, "crl.corp.example:80"),
            route(Action.DENY, WhenModern.TUNNEL, "no.corp.example:*"),
            route(Action.TUNNEL, WhenModern.TUNNEL, "mail.corp.example:80"),
            bridge("*.corp.example:80,443"),
            route(Action.FORWARD, WhenModern.TUNNEL, "late.corp.example:80"));
    assertThat(table.precheckForward(new HostPort("crl.corp.example", 80))).isEmpty();
    assertThat(notForwarded(table, "no.corp.example", 80))
        .isEqualTo(
            "ROUTE_DENIED a route (test) denies no.corp.example:80; change 'routes' if devices may go there");
    assertThat(notForwarded(table, "mail.corp.example", 80))
        .isEqualTo(
            "ROUTE_DENIED the route to mail.corp.example:80 (test, 'action: tunnel') forwards no"
                + " plain HTTP; if devices may use plain HTTP there, put a route with 'action:"
                + " forward' before it");
    assertThat(notForwarded(table, "late.corp.example", 80)).contains("'action: bridge'");
    assertThat(notForwarded(table, "crl.corp.example", 8080))
        .isEqualTo(
            "NO_ROUTE no route forwards plain HTTP to crl.corp.example:8080; the host is allowed on"
                + " port 80 only; see 'routes'");
    assertThat(notForwarded(table, "evil.example", 80))
        .isEqualTo(
            "NO_ROUTE no route forwards plain HTTP to evil.example:80; add it to 'routes' if"
                + " devices may go there");
  }

  private static String notForwarded(RouteTable table, String host, int port) {
    RouteDecision.Deny deny = table.precheckForward(new HostPort(host, port)).orElseThrow();
    return deny.reason() + " " + deny.detail();
  }

  @Test
  void forwardRouteDeniesTls() {
    RouteTable table = table(route(Action.FORWARD, WhenModern.TUNNEL, "*.corp.example:80,443"));
    RouteDecision.Deny denied =
        new RouteDecision.Deny(
            CloseReason.ROUTE_DENIED,
            Explanation.of(
                "the route to mail.corp.example:443 (test) forwards only plain HTTP",
                "for TLS, put a route with 'action: bridge' or 'tunnel' before it"));
    assertThat(table.precheck(ORIGIN)).contains(denied);
    assertThat(table.decideBridge(ORIGIN)).isEqualTo(denied);
    assertThat(table.decide(request("mail.corp.example:443", null, old(null)))).isEqualTo(denied);
    assertThat(table.decide(request("mail.corp.example:443", WhenModern.TUNNEL, modern(null))))
        .isEqualTo(denied);
  }

  @Test
  void forwardRouteDoesNotConfirmAnSni() {
    RouteTable table =
        table(route(Action.FORWARD, WhenModern.TUNNEL, "*.corp.example:443"), bridge("10.0.0.0/8"));
    assertThat(table.decide(request("10.1.2.3:443", null, old("mail.corp.example"))))
        .isEqualTo(
            new RouteDecision.Bridge(
                new HostPort("10.1.2.3", 443), "10.1.2.3", "offers TLSv1 only", null));
    assertThat(table.precheck(new HostPort("mail.corp.example", 444)).orElseThrow().detail())
        .doesNotContain("443");
  }

  @ParameterizedTest
  @CsvSource({
    "mail.corp.example:443, true",
    "www.corp.example:443, false",
    "named.corp.example:443, true",
    "named.corp.example:993, false",
    "outlook.example:443, false",
    "both.example:443, true",
    "denied.example:443, false",
    "192.0.2.7:443, true",
    "203.0.113.7:443, false",
    "198.51.100.7:443, true",
    "198.51.100.7:587, false",
  })
  void onlyAHostThatARouteNamesMayHaveAPrivateAddress(String target, boolean named) {
    EndpointList published =
        new EndpointList(
            "list",
            List.of(
                Destination.parse("outlook.example:443"),
                Destination.parse("both.example:443"),
                Destination.parse("203.0.113.0/24:443")),
            List.of());
    EndpointList mixed =
        EndpointList.merged(
            "mixed",
            List.of(
                published,
                new EndpointList("own", List.of(Destination.parse("both.example:443")))));
    RouteTable table =
        table(
            route(Action.DENY, WhenModern.TUNNEL, "denied.example:443"),
            bridge("mail.corp.example:443", "*.corp.example:443,993"),
            new Route(mixed, Action.BRIDGE, WhenModern.TUNNEL, null, null),
            route(Action.TUNNEL, WhenModern.TUNNEL, "named.corp.example:443", "192.0.2.0/24:443"),
            bridge("*.example:587", "[2001:db8::/32]:*"));
    AddressScope scope =
        table.scope(HostPort.parse(target).orElseThrow(), PrivateAddresses.WHERE_NAMED);
    assertThat(scope.named()).isEqualTo(named);
    assertThat(scope.privateAddresses())
        .isEqualTo(
            target.startsWith("192.0.2.") ? PrivateAddresses.ALWAYS : PrivateAddresses.WHERE_NAMED);
  }
}
