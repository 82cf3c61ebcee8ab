package org.tlsuplift.proxy.route;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.session.Action;
import org.tlsuplift.proxy.session.CloseReason;
import org.tlsuplift.proxy.session.HostPort;

/** Says why a target cannot be reached, and what to write so that it can. */
final class RouteRefusals {
  private final List<Route> routes;

  RouteRefusals(List<Route> routes) {
    this.routes = routes;
  }

  /**
   * The target is denied.
   *
   * @param route which denies it, or null when none matches it
   */
  RouteDecision.Deny denied(HostPort target, @Nullable Route route) {
    if (route != null) {
      return new RouteDecision.Deny(
          CloseReason.ROUTE_DENIED,
          "a route (" + route.to().name() + ") denies " + target + "; see 'routes'");
    }
    String hint =
        routes.stream()
            .filter(candidate -> candidate.action() != Action.DENY)
            .flatMap(candidate -> candidate.to().portsOf(target.host()).stream())
            .reduce(Ports::union)
            .map(ports -> "; the host is allowed on port " + ports + " only")
            .orElse("; add it to 'routes' if devices may go there");
    return new RouteDecision.Deny(CloseReason.NO_ROUTE, "no route allows " + target + hint);
  }

  /** The route passes through, and this device must not be passed through. */
  RouteDecision.Deny onlyTunnels(HostPort target, Route route, String why) {
    return new RouteDecision.Deny(
        CloseReason.LEGACY_TUNNEL_REFUSED,
        why
            + ", and the route to "
            + target
            + " ("
            + route.to().name()
            + ") only tunnels; give the route 'action: bridge'");
  }
}
