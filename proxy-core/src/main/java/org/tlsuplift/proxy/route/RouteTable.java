package org.tlsuplift.proxy.route;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.Action;
import org.tlsuplift.proxy.model.HostPort;

/**
 * The ordered routes: the first that matches a target decides, and what none matches is denied.
 *
 * <p>Immutable and free of waiting, so any event loop may ask.
 */
public final class RouteTable {
  private final List<Route> routes;
  private final RouteRefusals refusals;

  /** Takes the routes in the order in which they are tried. */
  public RouteTable(List<Route> routes) {
    this.routes = List.copyOf(routes);
    this.refusals = new RouteRefusals(this.routes);
  }

  public List<Route> routes() {
    return routes;
  }

  /**
   * Answers before a hello is read whether the target can be reached at all.
   *
   * @return the refusal, or empty when the hello decides
   */
  public Optional<RouteDecision.Deny> precheck(HostPort target) {
    return Optional.ofNullable(refusal(target, firstFor(target).orElse(null)));
  }

  /**
   * Answers whether a request in plain HTTP may be sent on.
   *
   * @return the refusal, or empty when a route forwards there
   */
  public Optional<RouteDecision.Deny> precheckForward(HostPort target) {
    Route route = firstFor(target).orElse(null);
    return route != null && route.action() == Action.FORWARD
        ? Optional.empty()
        : Optional.of(refusals.notForwarded(target, route));
  }

  /**
   * Decides about a device that has to be bridged whatever it will offer, because it speaks
   * plaintext, or its origin is under TLS before it.
   */
  public RouteDecision decideBridge(HostPort target) {
    Route route = firstFor(target).orElse(null);
    RouteDecision.Deny refusal = refusal(target, route);
    if (refusal != null || route == null) {
      return refusal == null ? refusals.denied(target, null) : refusal;
    }
    return route.action() == Action.BRIDGE
        ? new RouteDecision.Bridge(
            target, target.host(), "cannot be tunnelled", route.clientCertificate())
        : refusals.onlyTunnels(
            target,
            route,
            "device and origin do not come to TLS in the same way, or the device may stay without");
  }

  public RouteDecision decide(RouteRequest request) {
    HostPort target = request.target();
    Route route = firstFor(target).orElse(null);
    RouteDecision.Deny refusal = refusal(target, route);
    if (refusal != null || route == null) {
      return refusal == null ? refusals.denied(target, null) : refusal;
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

  /** The same table for devices that were redirected on their way to an address. */
  public AddressRoutes forAddresses() {
    return new AddressRoutes(this);
  }

  /** The names that the local certificate authority may need to sign for these routes. */
  public SignableNames signableNames() {
    return SignableNames.of(routes);
  }

  /** What is presented to this origin if it asks who we are; a name, as the routes have it. */
  public Optional<String> clientCertificate(HostPort target) {
    return firstFor(target).map(Route::clientCertificate);
  }

  /**
   * Which addresses an origin may have.
   *
   * <p>An address that no route allows is one that a redirected device goes to, and the origin's
   * certificate has to name a host of the routes; where they name hosts on that port, it may be one
   * of those.
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

  /** How connections to this origin leave; empty where no route says otherwise than for all. */
  public Optional<Egress> egress(HostPort target) {
    return firstFor(target).map(Route::egress);
  }

  private static boolean bridgesModern(Route route, RouteRequest request) {
    if (route.clientCertificate() != null) {
      // A tunnel could not present it.
      return true;
    }
    WhenModern ofListener = request.whenModern();
    return (ofListener == null ? route.whenModern() : ofListener) == WhenModern.BRIDGE;
  }

  /** The route that decides about a target. */
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

  private RouteDecision.@Nullable Deny refusal(HostPort target, @Nullable Route route) {
    return route != null && route.action().isForTls() ? null : refusals.denied(target, route);
  }
}
