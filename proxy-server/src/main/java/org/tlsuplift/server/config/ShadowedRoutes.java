package org.tlsuplift.server.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.route.Destination;
import org.tlsuplift.proxy.route.EndpointList;
import org.tlsuplift.proxy.route.HostPattern;
import org.tlsuplift.proxy.route.Ports;
import org.tlsuplift.server.config.binding.Problems;
import org.tlsuplift.server.microsoft365.PublishedList;

/** Warns about destinations that never match, because an earlier route matches first. */
final class ShadowedRoutes {
  private final PublishedList list;
  private final Problems problems;
  private final List<EndpointList> earlier = new ArrayList<>();

  private ShadowedRoutes(PublishedList list, Problems problems) {
    this.list = list;
    this.problems = problems;
  }

  static void check(List<RouteConfig> routes, PublishedList list, Problems problems) {
    ShadowedRoutes shadowed = new ShadowedRoutes(list, problems);
    routes.forEach(shadowed::add);
  }

  private void add(RouteConfig route) {
    List<Destination> all = new ArrayList<>();
    for (String to : route.to()) {
      List<Destination> meant = ConfiguredRoutes.destinations(to, list);
      // A list may contain destinations of other routes; that is correct.
      if (meant.size() == 1) {
        taken(meant.get(0)).ifPresent(first -> warn(route.to().indexOf(to), to, first));
      }
      all.addAll(meant);
    }
    earlier.add(new EndpointList("routes[" + earlier.size() + "]", all));
  }

  private void warn(int index, String to, EndpointList first) {
    problems.warning(
        "routes[" + earlier.size() + "].to[" + index + "]",
        "'" + to + "' is never used",
        first.name() + " matches first; move this route before it, or remove the entry");
  }

  /** The earlier route that matches all of a destination; found for single names only. */
  private Optional<EndpointList> taken(Destination destination) {
    return destination.hosts() instanceof HostPattern.Exact host
        ? earlier.stream().filter(list -> takes(list, host.name(), destination.ports())).findFirst()
        : Optional.empty();
  }

  private static boolean takes(EndpointList list, String host, Ports ports) {
    return ports.ranges().stream()
        .flatMapToInt(range -> IntStream.rangeClosed(range.first(), range.last()))
        .allMatch(port -> list.contains(new HostPort(host, port)));
  }
}
