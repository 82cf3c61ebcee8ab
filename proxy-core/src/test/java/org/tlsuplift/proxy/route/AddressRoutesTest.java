package org.tlsuplift.proxy.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tlsuplift.proxy.route.Hellos.modern;
import static org.tlsuplift.proxy.route.Hellos.request;

import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tlsuplift.proxy.model.Action;
import org.tlsuplift.proxy.model.Explanation;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.tls.CertificateNames;

class AddressRoutesTest {
  private static final HostPort ADDRESS = new HostPort("203.0.113.10", 443);
  private static final EndpointList LIST =
      new EndpointList(
          "list",
          List.of(
              Destination.parse("mail.contoso.example:443,587"),
              Destination.parse("www.contoso.example:443"),
              Destination.parse("203.0.113.0/24:443,587")),
          List.of(
              new EndpointSet(
                  List.of("www.contoso.example", "mail.contoso.example"),
                  List.of(Cidr.parse("203.0.113.0/28")),
                  Ports.HTTPS),
              new EndpointSet(
                  List.of("mail.contoso.example"),
                  List.of(Cidr.parse("203.0.113.0/28")),
                  Ports.parse("587"))));

  private static Route route(Action action, String... to) {
    return new Route(
        new EndpointList(action.label(), Arrays.stream(to).map(Destination::parse).toList()),
        action,
        WhenModern.TUNNEL,
        null,
        null);
  }

  private static Route ofList() {
    return new Route(LIST, Action.BRIDGE, WhenModern.TUNNEL, null, null);
  }

  private static AddressRoutes routes(Route... routes) {
    return new RouteTable(List.of(routes)).forAddresses();
  }

  private static @Nullable String objection(RouteDecision decision, String... names) {
    RouteDecision.Bridge bridge = (RouteDecision.Bridge) decision;
    assertThat(bridge.proof()).isNotNull();
    return bridge.proof().objection(certificate(names)).map(Explanation::text).orElse(null);
  }

  private static CertificateNames certificate(String... names) {
    return new CertificateNames(
        Arrays.stream(names).filter(name -> !HostPort.isAddressLiteral(name)).toList(),
        Arrays.stream(names)
            .filter(HostPort::isAddressLiteral)
            .map(name -> Cidr.address(name).orElseThrow())
            .toList());
  }

  private static RouteDecision old(AddressRoutes routes) {
    return routes.decide(request(ADDRESS.toString(), null, Hellos.old(null)));
  }

  @Test
  void theEndpointListNamesAnAddressInItsRanges() {
    RouteDecision.Bridge bridge = (RouteDecision.Bridge) old(routes(ofList()));
    assertThat(bridge.origin()).isEqualTo(ADDRESS);
    assertThat(bridge.serverName()).isEqualTo("www.contoso.example");
    assertThat(bridge.proof())
        .isEqualTo(
            new NamedByList(ADDRESS, List.of("www.contoso.example", "mail.contoso.example")));
  }

  @ParameterizedTest
  @CsvSource({
    "mail.contoso.example, true",
    "*.contoso.example, true",
    "contoso.example, false",
    "*.mail.contoso.example, false",
    "evil.example, false",
    "203.0.113.10, false",
  })
  void anAddressOfTheListMustProveOneOfItsNames(String name, boolean proven) {
    RouteDecision decision = old(routes(ofList()));
    if (proven) {
      assertThat(objection(decision, name, "other.example")).isNull();
    } else {
      assertThat(objection(decision, name, "other.example"))
          .contains("it is for", name, "other.example")
          .contains("203.0.113.10:443", "the list has www.contoso.example, mail.contoso.example");
    }
  }

  @Test
  void theNameDependsOnThePort() {
    assertThat(routes(ofList()).names(ADDRESS))
        .containsExactly("www.contoso.example", "mail.contoso.example");
    assertThat(routes(ofList()).names(new HostPort("203.0.113.10", 587)))
        .containsExactly("mail.contoso.example");
    assertThat(routes(ofList()).names(new HostPort("203.0.113.10", 993))).isEmpty();
    assertThat(routes(ofList()).names(new HostPort("203.0.113.200", 443))).isEmpty();
  }

  @Test
  void earlierDenyRouteExcludesItsNames() {
    assertThat(routes(route(Action.DENY, "www.contoso.example"), ofList()).names(ADDRESS))
        .containsExactly("mail.contoso.example");
  }

  @Test
  void tunnelsAModernDeviceToAnAddressThatARouteAllows() {
    assertThat(routes(ofList()).decide(request(ADDRESS.toString(), null, modern(null))).action())
        .isEqualTo(Action.TUNNEL);
  }

  /** A server at that address could pass the handshake on to the real host. */
  @Test
  void neverTunnelsToAnAddressThatOnlyACertificateProves() {
    RouteDecision decision =
        routes(route(Action.BRIDGE, "mail.contoso.example"))
            .decide(request(ADDRESS.toString(), WhenModern.TUNNEL, modern(null)));
    assertThat(decision.action()).isEqualTo(Action.BRIDGE);
    assertThat(objection(decision, "mail.contoso.example")).isNull();
    assertThat(
            routes(route(Action.BRIDGE, "mail.contoso.example"))
                .decide(
                    request(ADDRESS.toString(), WhenModern.TUNNEL, modern("mail.contoso.example"))))
        .isEqualTo(
            new RouteDecision.Bridge(
                ADDRESS,
                "mail.contoso.example",
                "offers TLSv1.3 with suites Microsoft 365 accepts",
                null));
  }

  @ParameterizedTest
  @CsvSource({
    "mail.contoso.example",
    "*.contoso.example",
    "a.fabrikam.example",
    "*.fabrikam.example",
    "*.sub.fabrikam.example",
  })
  void aRoutedNameInTheCertificateIsProof(String name) {
    RouteDecision decision =
        old(routes(route(Action.BRIDGE, "mail.contoso.example", "*.fabrikam.example")));
    assertThat(objection(decision, "other.example", name)).isNull();
  }

  @ParameterizedTest
  @CsvSource({
    "evil.example",
    "contoso.example",
    "a.mail.contoso.example",
    "*.mail.contoso.example",
    "fabrikam.example",
    "*.example.example",
    "203.0.113.10",
    "mail.northwind.example",
  })
  void otherNamesInTheCertificateAreNoProof(String name) {
    RouteDecision decision =
        old(
            routes(
                route(
                    Action.BRIDGE,
                    "mail.contoso.example",
                    "*.fabrikam.example",
                    "mail.northwind.example:993")));
    assertThat(objection(decision, name))
        .contains("is for " + name)
        .contains("port 443")
        .contains("add such a name with the port to 'routes'");
  }

  @Test
  void aCertificateWithoutNamesIsNoProof() {
    assertThat(objection(old(routes(route(Action.BRIDGE, "*:*"))))).contains("is for no name");
  }

  @Test
  void addressInTheCertificateIsProofIfARouteAllowsIt() throws Exception {
    RouteDecision decision = old(routes(route(Action.BRIDGE, "203.0.113.0/24")));
    assertThat(((RouteDecision.Bridge) decision).serverName()).isEqualTo("203.0.113.10");
    assertThat(objection(decision, "203.0.113.10")).isNull();
    assertThat(objection(decision, "203.0.113.11")).contains("is for 203.0.113.11");
    assertThat(objection(decision, "mail.contoso.example")).contains("is for mail.contoso");
    AddressRoutes ipv6 = routes(route(Action.BRIDGE, "2001:db8::/32"));
    assertThat(
            ((RouteDecision.Bridge)
                    ipv6.decide(request("[2001:db8::10]:443", null, Hellos.old(null))))
                .proof()
                .objection(
                    new CertificateNames(
                        List.of(), List.of(InetAddress.getByName("2001:db8::10")))))
        .isEmpty();
  }

  /** The proxy could not know which of the two hosts responds. */
  @ParameterizedTest
  @CsvSource({"secret.contoso.example", "*.contoso.example", "203.0.113.10"})
  void aCertificateSharedWithAHostDeniedBeforeIsRefused(String shared) {
    RouteTable table =
        new RouteTable(
            List.of(
                route(Action.DENY, "secret.contoso.example", "203.0.113.10"),
                route(Action.BRIDGE, "*.contoso.example", "*.fabrikam.example")));
    NamedByCertificate proof = new NamedByCertificate(table, ADDRESS, null);
    assertThat(proof.objection(certificate("mail.fabrikam.example", shared)).orElseThrow().cause())
        .contains("a route (deny) denies a name of the origin's certificate");
    assertThat(proof.objection(certificate("mail.fabrikam.example"))).isEmpty();
  }

  @Test
  void laterDenyRouteDoesNotMatter() {
    RouteDecision decision =
        old(routes(route(Action.BRIDGE, "mail.contoso.example"), route(Action.DENY, "*:*")));
    // The last route denies the address itself.
    assertThat(decision.action()).isEqualTo(Action.DENY);
    NamedByCertificate proof =
        new NamedByCertificate(
            new RouteTable(
                List.of(
                    route(Action.BRIDGE, "mail.contoso.example"),
                    route(Action.DENY, "*.contoso.example"))),
            ADDRESS,
            null);
    assertThat(proof.objection(certificate("mail.contoso.example", "www.contoso.example")))
        .isEmpty();
  }

  @Test
  void aRouteThatTunnelsIsNoProof() {
    RouteDecision decision =
        old(
            routes(
                route(Action.TUNNEL, "www.contoso.example"),
                route(Action.BRIDGE, "mail.contoso.example")));
    assertThat(objection(decision, "www.contoso.example")).contains("only tunnels");
    assertThat(objection(decision, "mail.contoso.example")).isNull();
  }

  @Test
  void routeWithAClientCertificateMustNameTheAddress() {
    Route connector =
        new Route(
            new EndpointList(
                "connector",
                List.of(
                    Destination.parse("mail.contoso.example"), Destination.parse("203.0.113.99"))),
            Action.BRIDGE,
            WhenModern.BRIDGE,
            "ours",
            null);
    assertThat(objection(old(routes(connector)), "mail.contoso.example"))
        .contains("presents a client certificate")
        .contains("add that address to the route");
    RouteDecision known =
        routes(connector).decide(request("203.0.113.99:443", null, Hellos.old(null)));
    assertThat(((RouteDecision.Bridge) known).clientCertificate()).isEqualTo("ours");
    assertThat(objection(known, "mail.contoso.example")).isNull();
  }

  @Test
  void theLeafCarriesTheOriginsNamesThatRoutesBridge() {
    RouteTable table =
        new RouteTable(
            List.of(
                route(Action.DENY, "secret.northwind.example"),
                route(
                    Action.BRIDGE,
                    "mail.contoso.example",
                    "*.fabrikam.example",
                    "*.northwind.example",
                    "203.0.113.0/24",
                    "www.contoso.example:80")));
    NamedByCertificate proof = new NamedByCertificate(table, ADDRESS, null);
    assertThat(
            proof.names(
                certificate(
                    "203.0.113.10",
                    "203.0.113.11",
                    "*.fabrikam.example",
                    "*.contoso.example",
                    "*.northwind.example",
                    "a.fabrikam.example",
                    "www.contoso.example",
                    "a.northwind.example",
                    "evil.example")))
        .containsExactly(
            "mail.contoso.example",
            "a.fabrikam.example",
            "a.northwind.example",
            "*.fabrikam.example",
            "203.0.113.10");
  }

  @Test
  void anAddressThatNothingCouldAllowIsRefusedBeforeTheHello() {
    AddressRoutes routes =
        routes(route(Action.BRIDGE, "mail.contoso.example:587", "198.51.100.0/24:*"));
    assertThat(routes.precheck(new HostPort("203.0.113.10", 25)).orElseThrow().reason())
        .isEqualTo(CloseReason.NO_ROUTE);
    assertThat(routes.decide(request("203.0.113.10:25", null, Hellos.old(null))).action())
        .isEqualTo(Action.DENY);
    assertThat(routes.precheck(new HostPort("203.0.113.10", 587))).isEmpty();
    assertThat(routes.precheck(new HostPort("198.51.100.1", 25))).isEmpty();
    assertThat(
            routes(
                    route(Action.DENY, "203.0.113.0/24:*"),
                    route(Action.BRIDGE, "*.contoso.example:*"))
                .precheck(new HostPort("203.0.113.10", 587))
                .orElseThrow()
                .reason())
        .isEqualTo(CloseReason.ROUTE_DENIED);
  }

  @Test
  void aNameInTheHelloOfAnAllowedAddressIsVerified() {
    RouteDecision decision =
        routes(route(Action.BRIDGE, "203.0.113.0/24", "mail.contoso.example"))
            .decide(request(ADDRESS.toString(), null, Hellos.old("mail.contoso.example")));
    assertThat(decision)
        .isEqualTo(
            new RouteDecision.Bridge(ADDRESS, "mail.contoso.example", "offers TLSv1 only", null));
  }

  @Test
  void ignoresAnSniThatNoRouteAllows() {
    RouteDecision decision =
        routes(ofList()).decide(request(ADDRESS.toString(), null, Hellos.old("evil.example")));
    assertThat(((RouteDecision.Bridge) decision).proof()).isInstanceOf(NamedByList.class);
  }
}
