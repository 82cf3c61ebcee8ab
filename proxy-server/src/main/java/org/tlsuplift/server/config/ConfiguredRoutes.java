package org.tlsuplift.server.config;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.tlsuplift.proxy.route.Destination;
import org.tlsuplift.proxy.route.Egress;
import org.tlsuplift.proxy.route.EndpointList;
import org.tlsuplift.proxy.route.Route;
import org.tlsuplift.proxy.route.RouteTable;
import org.tlsuplift.server.config.binding.Spelling;
import org.tlsuplift.server.config.secret.KeyFiles;
import org.tlsuplift.server.microsoft365.Cloud;
import org.tlsuplift.server.microsoft365.ListName;
import org.tlsuplift.server.microsoft365.ListStore;
import org.tlsuplift.server.microsoft365.PublishedList;

/** Parses {@code routes[].to} and builds the route table. */
public final class ConfiguredRoutes {
  /** A word without dot, slash or star names a list, also with another word after a colon. */
  private static final Pattern LIST_NAME =
      Pattern.compile("[A-Za-z0-9_-]+(:[A-Za-z][A-Za-z0-9_-]*)?");

  private static final Pattern LIST_WITH_PORTS = Pattern.compile("([A-Za-z0-9_:-]+?):[0-9*][^:]*");

  /** An IPv6 address has several colons, and no ports without brackets. */
  private static final Pattern PORTS = Pattern.compile("(?:[^:\\[]+|\\[.*]):[^:]+");

  private ConfiguredRoutes() {}

  /** The list of Microsoft 365 that a configuration uses now: the stored or the bundled one. */
  public static PublishedList list(ServerConfig config) {
    return new ListStore(config.dataDirectory(), config.microsoft365().cloud()).current();
  }

  /**
   * The route table of a checked configuration without egress settings. A route's name is its path,
   * such as {@code routes[0]}.
   *
   * @throws IllegalArgumentException if a destination is invalid
   */
  public static RouteTable of(ServerConfig config) {
    return of(config.routes(), list(config));
  }

  public static RouteTable of(List<RouteConfig> routes, PublishedList published) {
    return of(routes, published, Collections.nCopies(routes.size(), Egress.DIRECT));
  }

  /**
   * The route table of a checked configuration.
   *
   * @param published the list of Microsoft 365
   * @param exits the egress of each route
   * @throws IllegalArgumentException if a destination is invalid
   */
  public static RouteTable of(
      List<RouteConfig> routes, PublishedList published, List<? extends Egress> exits) {
    Map<KeyFiles, String> presented = new HashMap<>();
    clientCertificates(routes).forEach((name, files) -> presented.put(files, name));
    List<Route> table = new ArrayList<>();
    for (RouteConfig route : routes) {
      EndpointList list = merged("routes[" + table.size() + "]", route.to(), published);
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
  public static Map<String, KeyFiles> clientCertificates(List<RouteConfig> routes) {
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

  private static EndpointList merged(String name, List<String> to, PublishedList published) {
    return EndpointList.merged(name, to.stream().map(each -> list(each, published)).toList());
  }

  /** Whether an entry names hosts with explicit ports; a list has its own ports. */
  public static boolean namesPorts(String to) {
    return PORTS.matcher(to).matches() && !LIST_NAME.matcher(to).matches();
  }

  /** Whether a route uses the list that Microsoft publishes. */
  public static boolean usesPublishedList(List<RouteConfig> routes) {
    return routes.stream()
        .flatMap(route -> route.to().stream())
        .flatMap(to -> ListName.of(to).stream())
        .anyMatch(ListName::isPublished);
  }

  /**
   * The destinations of one entry.
   *
   * @throws IllegalArgumentException with the remedy
   */
  public static List<Destination> destinations(String to, PublishedList published) {
    return list(to, published).destinations();
  }

  /**
   * Checks one entry.
   *
   * @throws IllegalArgumentException with the remedy
   */
  public static void check(String to) {
    var unused = list(to, PublishedList.bundled(Cloud.WORLDWIDE));
  }

  private static EndpointList list(String to, PublishedList published) {
    Optional<ListName> name = ListName.of(to);
    if (name.isPresent()) {
      return name.get().select(published);
    }
    if (LIST_NAME.matcher(to).matches()) {
      throw new IllegalArgumentException("no endpoint list has this name; " + hint(to));
    }
    Matcher withPorts = LIST_WITH_PORTS.matcher(to);
    if (withPorts.matches() && ListName.of(withPorts.group(1)).isPresent()) {
      throw new IllegalArgumentException(
          "a list has its own ports; write '" + withPorts.group(1) + "'");
    }
    return new EndpointList(to, List.of(Destination.parse(to)));
  }

  /** Most names begin with the same word, so only the second one tells them apart. */
  private static String hint(String to) {
    String guess =
        Spelling.hint(
            to,
            ListName.labels().stream()
                .filter(label -> !Spelling.hint(second(to), List.of(second(label))).isEmpty())
                .toList());
    if (!guess.isEmpty()) {
      return guess;
    }
    return to.indexOf(':') < 0
        ? "write a host without a dot with its port, such as 'intranet:443'"
        : "the lists are " + String.join(", ", ListName.labels());
  }

  private static String second(String name) {
    String common = ListName.MICROSOFT365.label();
    return name.length() > common.length()
            && name.regionMatches(true, 0, common, 0, common.length())
        ? name.substring(common.length() + 1)
        : name;
  }
}
