package org.tlsuplift.proxy.route;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.HostPort;

/**
 * The one name of a session: the device sees it, a route allows it, and the origin proves it.
 *
 * @param mayTunnel whether the origin may see the device's own ClientHello: only if that names this
 *     host or none
 * @param route the route that allows the name if the device's target is an address, otherwise null
 */
record SessionName(String host, boolean mayTunnel, @Nullable Route route) {
  /**
   * The name of a session whose target a route allows.
   *
   * @return empty if the device is refused because its ClientHello names another host
   */
  static Optional<SessionName> of(RouteRequest request, RouteTable routes) {
    HostPort target = request.target();
    String sni = request.hello().serverName();
    if (sni == null || !HostPort.isHostName(sni)) {
      boolean nothingSent = sni == null && !request.hello().unusableServerName();
      return Optional.of(new SessionName(target.host(), nothingSent, null));
    }
    if (request.names().own().contains(sni)) {
      return Optional.of(new SessionName(target.host(), false, null));
    }
    if (sni.equals(target.host())) {
      return Optional.of(new SessionName(sni, true, null));
    }
    Optional<SessionName> chosen = chosen(request, sni, routes);
    if (chosen.isPresent() || request.names().mismatch() == ServerNameMismatch.REFUSE) {
      return chosen;
    }
    return Optional.of(new SessionName(target.host(), false, null));
  }

  /** The chosen name must match a route, or a ClientHello could bypass the routes. */
  private static Optional<SessionName> chosen(RouteRequest request, String sni, RouteTable routes) {
    if (!request.names().choosesOrigin() || !request.target().isAddressLiteral()) {
      return Optional.empty();
    }
    return routes
        .firstFor(new HostPort(sni, request.target().port()))
        .filter(route -> route.action().isForTls())
        .map(route -> new SessionName(sni, true, route));
  }
}
