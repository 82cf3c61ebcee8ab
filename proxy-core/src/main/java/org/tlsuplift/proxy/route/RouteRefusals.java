package org.tlsuplift.proxy.route;

import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.Action;
import org.tlsuplift.proxy.model.Explanation;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.outcome.CloseReason;

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
            "the route to %s (%s) forwards only plain HTTP".formatted(target, route.to().name()),
            "for TLS, put a route with 'action: bridge' or 'tunnel' before it")
        : denied(
            "a route (" + route.to().name() + ") denies " + target,
            CloseReason.ROUTE_DENIED.remedy());
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
            "the route to %s (%s, 'action: %s') forwards no plain HTTP"
                .formatted(target, route.to().name(), route.action().label()),
            "if devices may use plain HTTP there, put a route with 'action: forward' before it")
        : denied(target, route);
  }

  private static RouteDecision.Deny denied(String cause, String remedy) {
    return new RouteDecision.Deny(CloseReason.ROUTE_DENIED, Explanation.of(cause, remedy));
  }

  private RouteDecision.Deny noRoute(String what, HostPort target, Predicate<Action> actions) {
    String remedy =
        routes.stream()
            .filter(candidate -> actions.test(candidate.action()))
            .flatMap(candidate -> candidate.to().portsOf(target.host()).stream())
            .reduce(Ports::union)
            .map(ports -> "the host is allowed on port " + ports + " only; see 'routes'")
            .orElse("add it to 'routes' if devices may go there");
    return new RouteDecision.Deny(CloseReason.NO_ROUTE, Explanation.of(what, remedy));
  }

  /** The route only tunnels, but this session needs a bridge. */
  RouteDecision.Deny onlyTunnels(HostPort target, Route route, String why) {
    return new RouteDecision.Deny(
        CloseReason.LEGACY_TUNNEL_REFUSED,
        Explanation.of(
            "%s, and the route to %s (%s) only tunnels".formatted(why, target, route.to().name()),
            CloseReason.LEGACY_TUNNEL_REFUSED.remedy()));
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
      remedy = "make the device use one name";
    }
    return mismatch(
        "the ClientHello names %s, and the device connects to %s".formatted(sni, target),
        remedy + ", or set 'serverNameMismatch: useTarget' here");
  }

  /** The ClientHello must not reach the origin: it names the listener or another host. */
  RouteDecision.Deny nameNotTunnelled(HostPort target, Route route) {
    return mismatch(
        "the ClientHello names another host, and the route to %s (%s) only tunnels"
            .formatted(target, route.to().name()),
        CloseReason.LEGACY_TUNNEL_REFUSED.remedy());
  }

  private static RouteDecision.Deny mismatch(String cause, String remedy) {
    return new RouteDecision.Deny(CloseReason.SERVER_NAME_MISMATCH, Explanation.of(cause, remedy));
  }
}
