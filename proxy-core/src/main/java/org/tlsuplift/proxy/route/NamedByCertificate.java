package org.tlsuplift.proxy.route;

import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.Action;
import org.tlsuplift.proxy.model.Explanation;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.tls.CertificateNames;
import org.tlsuplift.proxy.tls.OriginProof;

/**
 * The proof of an origin that is known only by its address: its certificate must name a host that a
 * route bridges.
 *
 * <p>The first route that matches a name in the certificate decides (or the address, if the
 * certificate includes it). So a host that shares its certificate with a denied host is denied too,
 * because the proxy cannot know which of them responds.
 *
 * @param presented the name of the client certificate for the origin, or null for none
 */
public record NamedByCertificate(RouteTable routes, HostPort address, @Nullable String presented)
    implements OriginProof {
  @Override
  public Optional<Explanation> objection(CertificateNames certificate) {
    for (Route route : routes.routes()) {
      CertificateMatch match = new CertificateMatch(route.to(), address, certificate);
      if (route.action() == Action.BRIDGE && !match.names().isEmpty()) {
        return presentsEnough(route) ? Optional.empty() : wantsOurs(route, certificate);
      }
      if (route.action() != Action.BRIDGE && match.isPossible()) {
        return Optional.of(
            new Explanation(
                "a route (%s) %s a name of the origin's certificate"
                    .formatted(route.to().name(), does(route.action())),
                "put a route with 'action: bridge' for that name before it",
                "the certificate is for " + certificate));
      }
    }
    return Optional.of(
        new Explanation(
            "no route bridges a name of the origin's certificate on port " + address.port(),
            "if devices may go there, add such a name with the port to 'routes'",
            "the certificate is for " + certificate));
  }

  private static String does(Action action) {
    return switch (action) {
      case DENY -> "denies";
      case TUNNEL -> "only tunnels";
      case FORWARD -> "only forwards plain HTTP";
      case BRIDGE -> "bridges";
    };
  }

  private boolean presentsEnough(Route route) {
    return route.clientCertificate() == null || route.clientCertificate().equals(presented);
  }

  private static Optional<Explanation> wantsOurs(Route route, CertificateNames certificate) {
    return Optional.of(
        new Explanation(
            "the route (%s) presents a client certificate, but only the origin's address is known"
                .formatted(route.to().name()),
            "add that address to the route, or use a fixed listener",
            "the origin's certificate is for " + certificate));
  }

  /**
   * The names for the certificate that the device sees: those of the origin's names that routes
   * bridge.
   *
   * @return distinct: names, then wildcards, then the address
   */
  public List<String> names(CertificateNames certificate) {
    Set<String> bridged = new LinkedHashSet<>();
    for (Route route : routes.routes()) {
      if (route.action() == Action.BRIDGE) {
        bridged.addAll(new CertificateMatch(route.to(), address, certificate).names());
      }
    }
    return bridged.stream()
        .filter(this::isBridged)
        .sorted(Comparator.comparing(NamedByCertificate::rank))
        .toList();
  }

  /**
   * A wildcard counts as bridged, unless an earlier route with another action could match one of
   * its hosts.
   */
  private boolean isBridged(String name) {
    Optional<WildcardName> wildcard = WildcardName.of(name);
    for (Route route : routes.routes()) {
      boolean meant =
          wildcard.isPresent()
              ? route.to().anyOn(address.port(), wildcard.get()::mayMeet)
                  && (route.action() != Action.BRIDGE
                      || route.to().anyOn(address.port(), wildcard.get()::isWithin))
              : route.to().contains(new HostPort(name, address.port()));
      if (meant) {
        return route.action() == Action.BRIDGE && presentsEnough(route);
      }
    }
    return false;
  }

  private static int rank(String name) {
    return HostPort.isAddressLiteral(name) ? 2 : name.startsWith("*") ? 1 : 0;
  }
}
