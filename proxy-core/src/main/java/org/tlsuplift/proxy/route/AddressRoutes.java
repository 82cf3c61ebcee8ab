package org.tlsuplift.proxy.route;

import java.util.List;
import java.util.Optional;
import org.tlsuplift.proxy.model.Action;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.outcome.CloseReason;

/**
 * Decides about redirected devices, whose target is only an address.
 *
 * <p>A route may allow the address. Otherwise the origin's certificate must prove a host that a
 * route bridges. Sessions to such an origin are never tunnelled: the origin could present another
 * host's certificate by passing the handshake on to that host, and only our own TLS detects this.
 */
public final class AddressRoutes {
  private final RouteTable table;

  AddressRoutes(RouteTable table) {
    this.table = table;
  }

  /**
   * Decides before the hello is read whether the address can be reached at all.
   *
   * @return the refusal, or empty if the hello or the origin's certificate decides
   */
  public Optional<RouteDecision.Deny> precheck(HostPort address) {
    return table
        .precheck(address)
        .filter(deny -> deny.reason() != CloseReason.NO_ROUTE || !bridgesOn(address.port()));
  }

  public RouteDecision decide(RouteRequest request) {
    HostPort address = request.target();
    RouteDecision decision = table.decide(request);
    if (decision instanceof RouteDecision.Bridge bridge) {
      return bridge.serverName().equals(address.host()) ? named(bridge) : bridge;
    }
    boolean unknown =
        decision instanceof RouteDecision.Deny deny && deny.reason() == CloseReason.NO_ROUTE;
    return unknown && bridgesOn(address.port()) ? unrouted(request) : decision;
  }

  /** The host names that the routes' endpoint lists give for an address; may be empty. */
  public List<String> names(HostPort address) {
    return table
        .firstFor(address)
        .map(route -> route.to().namesAt(address))
        .orElse(List.of())
        .stream()
        .filter(name -> isBridged(new HostPort(name, address.port())))
        .toList();
  }

  private RouteDecision named(RouteDecision.Bridge bridge) {
    List<String> names = names(bridge.origin());
    return names.isEmpty()
        ? bridge.proving(
            bridge.serverName(),
            new NamedByCertificate(table, bridge.origin(), bridge.clientCertificate()))
        : bridge.proving(names.get(0), new NamedByList(bridge.origin(), names));
  }

  private RouteDecision unrouted(RouteRequest request) {
    HostPort address = request.target();
    String detail = UpgradeNeed.of(request.hello()).detail();
    String sni = request.hello().serverName();
    if (sni != null && HostPort.isHostName(sni)) {
      HostPort name = new HostPort(sni, address.port());
      Optional<Route> route = table.firstFor(name).filter(each -> each.action() == Action.BRIDGE);
      if (route.isPresent()) {
        return new RouteDecision.Bridge(address, sni, detail, route.get().clientCertificate());
      }
      if (request.names().mismatch() == ServerNameMismatch.REFUSE
          && !request.names().own().contains(sni)) {
        return table.refusals().otherName(request);
      }
    }
    return new RouteDecision.Bridge(address, address.host(), detail, null)
        .proving(address.host(), new NamedByCertificate(table, address, null));
  }

  private boolean isBridged(HostPort name) {
    return table.firstFor(name).filter(route -> route.action() == Action.BRIDGE).isPresent();
  }

  /** Whether a route bridges hosts by name on that port, so that a certificate could prove one. */
  private boolean bridgesOn(int port) {
    return table.routes().stream()
        .anyMatch(
            route ->
                route.action() == Action.BRIDGE
                    && route.to().anyOn(port, hosts -> !(hosts instanceof HostPattern.Subnet)));
  }
}
