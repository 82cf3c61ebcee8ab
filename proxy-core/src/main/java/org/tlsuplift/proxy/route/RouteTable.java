package org.tlsuplift.proxy.route;

import java.util.List;
import java.util.Optional;
import org.tlsuplift.proxy.model.Action;
import org.tlsuplift.proxy.model.HostPort;

/**
 * The ordered routes. The first route that matches a target decides; a target without a match is
 * denied.
 *
 * <p>Immutable; never blocks, so any event loop may call it.
 */
public final class RouteTable {
  private final List<Route> routes;
  private final RouteRefusals refusals;

  public RouteTable(List<Route> routes) {
    this.routes = List.copyOf(routes);
    this.refusals = new RouteRefusals(this.routes);
  }

  public List<Route> routes() {
    return routes;
  }

  /**
   * Decides before the ClientHello is read whether the target can be reached at all.
   *
   * @return the refusal, or empty if the ClientHello decides
   */
  public Optional<RouteDecision.Deny> precheck(HostPort target) {
    Route route = firstFor(target).orElse(null);
    return route != null && route.action().isForTls()
        ? Optional.empty()
        : Optional.of(refusals.denied(target, route));
  }

  /**
   * Decides whether a plain HTTP request may be forwarded.
   *
   * @return the refusal, or empty if a route forwards it
   */
  public Optional<RouteDecision.Deny> precheckForward(HostPort target) {
    Route route = firstFor(target).orElse(null);
    return route != null && route.action() == Action.FORWARD
        ? Optional.empty()
        : Optional.of(refusals.notForwarded(target, route));
  }

  /**
   * Decides about a session that needs a bridge for any offer, because the device uses plaintext or
   * the origin starts TLS before the device.
   */
  public RouteDecision decideBridge(HostPort target) {
    Route route = firstFor(target).orElse(null);
    if (route == null || !route.action().isForTls()) {
      return refusals.denied(target, route);
    }
    return route.action() == Action.BRIDGE
        ? new RouteDecision.Bridge(
            target, target.host(), "cannot be tunnelled", route.clientCertificate())
        : refusals.onlyTunnels(
            target,
            route,
            "device and origin do not start TLS in the same way, or the device may use plaintext");
  }

  public RouteDecision decide(RouteRequest request) {
    HostPort target = request.target();
    Route route = firstFor(target).orElse(null);
    if (route == null || !route.action().isForTls()) {
      return refusals.denied(target, route);
    }
    return SessionName.of(request, this)
        .map(name -> decide(request, route, name))
        .orElseGet(() -> refusals.otherName(request));
  }

  private RouteDecision decide(RouteRequest request, Route route, SessionName name) {
    HostPort target = request.target();
    UpgradeNeed need = UpgradeNeed.of(request.hello());
    if (route.action() == Action.BRIDGE) {
      if (!need.needed() && !bridgesModern(route, request) && name.mayTunnel()) {
        return new RouteDecision.Tunnel(target, name.host(), need.detail());
      }
      return name.route() == null || name.route().action() == Action.BRIDGE
          ? new RouteDecision.Bridge(target, name.host(), need.detail(), route.clientCertificate())
          : refusals.onlyTunnels(
              new HostPort(name.host(), target.port()),
              name.route(),
              "the device " + need.detail());
    }
    if (need.kind() == UpgradeNeed.Kind.VERSION) {
      return refusals.onlyTunnels(
          target, route, "the device " + need.detail() + ", which must not leave");
    }
    return name.mayTunnel()
        ? new RouteDecision.Tunnel(target, name.host(), need.detail())
        : refusals.nameNotTunnelled(target, route);
  }

  public AddressRoutes forAddresses() {
    return new AddressRoutes(this);
  }

  /** The names that the local certificate authority may need to sign for these routes. */
  public SignableNames signableNames() {
    return SignableNames.of(routes);
  }

  /** The name of the client certificate for an origin; empty for none. */
  public Optional<String> clientCertificate(HostPort target) {
    return firstFor(target).map(Route::clientCertificate);
  }

  /**
   * The addresses that an origin may have.
   *
   * <p>The target of a redirected device may be an address that no route allows. The origin's
   * certificate must then prove a host of the routes. Such an address counts as named if a route
   * names a host on that port, because the origin may be that host.
   */
  public AddressScope scope(HostPort target, PrivateAddresses privateAddresses) {
    boolean unknown = firstFor(target).isEmpty();
    boolean named =
        routes.stream()
            .filter(route -> route.action() != Action.DENY)
            .map(Route::to)
            .anyMatch(to -> to.names(target) || (unknown && to.namesHostOn(target.port())));
    return named && target.isAddressLiteral() && !unknown
        ? AddressScope.ANY
        : new AddressScope(named, privateAddresses);
  }

  /** The way that connections to an origin leave; empty for the default. */
  public Optional<Egress> egress(HostPort target) {
    return firstFor(target).map(Route::egress);
  }

  private static boolean bridgesModern(Route route, RouteRequest request) {
    if (route.clientCertificate() != null) {
      // A tunnel could not present the certificate.
      return true;
    }
    WhenModern ofListener = request.whenModern();
    return (ofListener == null ? route.whenModern() : ofListener) == WhenModern.BRIDGE;
  }

  Optional<Route> firstFor(HostPort target) {
    for (Route route : routes) {
      if (route.to().contains(target)) {
        return Optional.of(route);
      }
    }
    return Optional.empty();
  }

  RouteRefusals refusals() {
    return refusals;
  }
}
