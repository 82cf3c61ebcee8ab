package org.tlsuplift.proxy.route;

import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.Action;
import org.tlsuplift.proxy.model.CloseReason;
import org.tlsuplift.proxy.model.HostPort;

/** Explains why a target cannot be reached, and which setting allows it. */
record RouteRefusals(List<Route> routes) {
  /**
   * The target is denied to a device that uses TLS or mail.
   *
   * @param route the route that denies the target or is for plain HTTP; null if none matches
   */
  RouteDecision.Deny denied(HostPort target, @Nullable Route route) {
    if (route == null) {
      return noRoute("no route allows " + target, target, Action::isForTls);
    }
    return route.action() == Action.FORWARD
        ? denied(
            ("the route to %s (%s) forwards only plain HTTP requests; for TLS add a route with "
                    + "'action: bridge' or 'tunnel' before it")
                .formatted(target, route.to().name()))
        : denied("a route (" + route.to().name() + ") denies " + target + "; see 'routes'");
  }

  /**
   * A plain HTTP request is not forwarded.
   *
   * @param route the route that matches the target; null if none matches
   */
  RouteDecision.Deny notForwarded(HostPort target, @Nullable Route route) {
    if (route == null) {
      return noRoute("no route forwards plain HTTP to " + target, target, Action.FORWARD::equals);
    }
    return route.action().isForTls()
        ? denied(
            ("the route to %s (%s, 'action: %s') allows no plaintext; if devices may use plain "
                    + "HTTP there, add a route with 'action: forward' before it")
                .formatted(target, route.to().name(), route.action().label()))
        : denied(target, route);
  }

  private static RouteDecision.Deny denied(String why) {
    return new RouteDecision.Deny(CloseReason.ROUTE_DENIED, why);
  }

  private RouteDecision.Deny noRoute(String what, HostPort target, Predicate<Action> actions) {
    String hint =
        routes.stream()
            .filter(candidate -> actions.test(candidate.action()))
            .flatMap(candidate -> candidate.to().portsOf(target.host()).stream())
            .reduce(Ports::union)
            .map(ports -> "; the host is allowed on port " + ports + " only")
            .orElse("; add it to 'routes' if devices may go there");
    return new RouteDecision.Deny(CloseReason.NO_ROUTE, what + hint);
  }

  /** The route only tunnels, but this session needs a bridge. */
  RouteDecision.Deny onlyTunnels(HostPort target, Route route, String why) {
    return new RouteDecision.Deny(
        CloseReason.LEGACY_TUNNEL_REFUSED,
        "%s, and the route to %s (%s) only tunnels; give the route 'action: bridge'"
            .formatted(why, target, route.to().name()));
  }

  /** The ClientHello names another host than the device's target. */
  RouteDecision.Deny otherName(RouteRequest request) {
    String sni = String.valueOf(request.hello().serverName());
    HostPort target = request.target();
    ServerNameRule rule = request.names();
    String remedy;
    if (!rule.choosesOrigin()) {
      remedy = "add the name to 'serverNames' of this listener";
    } else if (target.isAddressLiteral()) {
      remedy = "add " + new HostPort(sni, target.port()) + " to 'routes'";
    } else {
      remedy =
          "set the same name for target and TLS in the device, and disable Encrypted Client Hello";
    }
    return mismatch(
        ("%s, or set 'serverNameMismatch: useTarget' on this listener; the device's target is "
                + "%s, but its ClientHello names %s")
            .formatted(remedy, target, sni));
  }

  /** The ClientHello must not reach the origin: it names the listener or another host. */
  RouteDecision.Deny nameNotTunnelled(HostPort target, Route route) {
    return mismatch(
        ("set 'action: bridge' on the route to %s (%s); it only tunnels, and the device's "
                + "ClientHello names another host")
            .formatted(target, route.to().name()));
  }

  private static RouteDecision.Deny mismatch(String why) {
    return new RouteDecision.Deny(CloseReason.SERVER_NAME_MISMATCH, why);
  }
}
