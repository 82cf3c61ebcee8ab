package org.tlsuplift.server.config;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.tlsuplift.proxy.route.Destination;
import org.tlsuplift.proxy.route.Egress;
import org.tlsuplift.proxy.route.EndpointList;
import org.tlsuplift.proxy.route.Route;
import org.tlsuplift.proxy.route.RouteTable;
import org.tlsuplift.server.config.yaml.Spelling;

/** Parses {@code routes[].to} and builds the route table. */
public final class ConfiguredRoutes {
  public static final String ALLOWED =
      Microsoft365Endpoints.NAME
          + ", or a host, a pattern with * or an address block, with or without ports (default 443), such as '*.contoso.example:443'";

  /** A word without dot, colon, slash or star names a list. */
  private static final Pattern LIST_NAME = Pattern.compile("[A-Za-z0-9_-]+");

  /** An IPv6 address has several colons, and no ports without brackets. */
  private static final Pattern PORTS = Pattern.compile("(?:[^:\\[]+|\\[.*]):[^:]+");

  private ConfiguredRoutes() {}

  /**
   * The route table of a checked configuration without egress settings. A route's name is its path,
   * such as {@code routes[0]}.
   *
   * @throws IllegalArgumentException if a destination is invalid
   */
  public static RouteTable of(List<ServerConfig.Route> routes) {
    return of(routes, Collections.nCopies(routes.size(), Egress.STRAIGHT));
  }

  /**
   * The route table of a checked configuration.
   *
   * @param exits the egress of each route
   * @throws IllegalArgumentException if a destination is invalid
   */
  public static RouteTable of(List<ServerConfig.Route> routes, List<Egress> exits) {
    Map<KeyFiles, String> presented = new HashMap<>();
    clientCertificates(routes).forEach((name, files) -> presented.put(files, name));
    List<Route> table = new ArrayList<>();
    for (ServerConfig.Route route : routes) {
      EndpointList list = merged("routes[" + table.size() + "]", route.to());
      table.add(
          new Route(
              list,
              route.action(),
              route.whenModern(),
              route.clientCertificate() == null ? null : presented.get(route.clientCertificate()),
              exits.get(table.size())));
    }
    return new RouteTable(table);
  }

  /**
   * The client certificates by their names in the table: the first destination of the first route
   * that presents it.
   */
  public static Map<String, KeyFiles> clientCertificates(List<ServerConfig.Route> routes) {
    Map<String, KeyFiles> certificates = new LinkedHashMap<>();
    for (int i = 0; i < routes.size(); i++) {
      KeyFiles files = routes.get(i).clientCertificate();
      if (files != null && !certificates.containsValue(files)) {
        String name = routes.get(i).to().stream().findFirst().orElse("routes[" + i + "]");
        certificates.put(
            certificates.containsKey(name) ? name + " (routes[" + i + "])" : name, files);
      }
    }
    return Collections.unmodifiableMap(certificates);
  }

  private static EndpointList merged(String name, List<String> to) {
    List<EndpointList> lists = to.stream().map(ConfiguredRoutes::list).toList();
    return EndpointList.merged(name, lists);
  }

  /** Whether an entry names hosts with explicit ports. */
  public static boolean namesPorts(String to) {
    return PORTS.matcher(to).matches();
  }

  /**
   * The destinations of one entry.
   *
   * @throws IllegalArgumentException with the remedy
   */
  public static List<Destination> destinations(String to) {
    return list(to).destinations();
  }

  private static EndpointList list(String to) {
    if (!LIST_NAME.matcher(to).matches()) {
      return new EndpointList(to, List.of(Destination.parse(to)));
    }
    Map<String, EndpointList> lists =
        Map.of(Microsoft365Endpoints.NAME, Microsoft365Endpoints.bundled());
    EndpointList list = lists.get(to);
    if (list == null) {
      String guess = Spelling.hint(to, lists.keySet());
      throw new IllegalArgumentException(
          "no endpoint list has this name"
              + (guess.isEmpty()
                  ? "; write a host without a dot with its port, such as 'intranet:443'"
                  : "; " + guess));
    }
    return list;
  }
}
