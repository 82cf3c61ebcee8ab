package org.tlsuplift.proxy.route;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.tlsuplift.proxy.model.HostPort;

/**
 * A named set of destinations, such as {@code microsoft365}, with a fast lookup.
 *
 * <p>A name is looked up in a hash table first, then compared with each pattern. An address literal
 * is parsed once, then compared with each block. Immutable.
 */
public final class EndpointList {
  private final String name;
  private final List<Destination> destinations;
  private final List<EndpointSet> sets;
  private final List<Destination> written;
  private final Map<String, Ports> exact = new HashMap<>();
  private final Map<HostPattern, Ports> patterns = new LinkedHashMap<>();
  private final Map<Cidr, Ports> subnets = new LinkedHashMap<>();

  /** A list of destinations that the operator wrote one by one. */
  public EndpointList(String name, Collection<Destination> destinations) {
    this(name, destinations, List.of(), destinations);
  }

  /**
   * A list that the operator does not maintain, and that assigns names to addresses.
   *
   * @param sets names and addresses that belong together; each of them is also a destination
   */
  public EndpointList(
      String name, Collection<Destination> destinations, Collection<EndpointSet> sets) {
    this(name, destinations, sets, List.of());
  }

  private EndpointList(
      String name,
      Collection<Destination> destinations,
      Collection<EndpointSet> sets,
      Collection<Destination> written) {
    this.name = name;
    this.sets = List.copyOf(sets);
    this.destinations = List.copyOf(new LinkedHashSet<>(destinations));
    this.written = List.copyOf(written);
    for (Destination destination : this.destinations) {
      add(destination.hosts(), destination.ports());
    }
  }

  public static EndpointList merged(String name, Collection<EndpointList> lists) {
    List<Destination> destinations = new ArrayList<>();
    List<EndpointSet> sets = new ArrayList<>();
    List<Destination> written = new ArrayList<>();
    for (EndpointList list : lists) {
      destinations.addAll(list.destinations);
      sets.addAll(list.sets);
      written.addAll(list.written);
    }
    return new EndpointList(name, destinations, sets, written);
  }

  private void add(HostPattern hosts, Ports ports) {
    if (hosts instanceof HostPattern.Exact one) {
      exact.merge(one.name(), ports, Ports::union);
    } else if (hosts instanceof HostPattern.Subnet subnet) {
      subnets.merge(subnet.cidr(), ports, Ports::union);
    } else {
      patterns.merge(hosts, ports, Ports::union);
    }
  }

  public String name() {
    return name;
  }

  /** The distinct destinations, in the order given. */
  public List<Destination> destinations() {
    return destinations;
  }

  public List<EndpointSet> sets() {
    return sets;
  }

  /** The names that this list gives for an address, in the list's order. */
  List<String> namesAt(HostPort address) {
    return Cidr.address(address.host()).stream()
        .flatMap(literal -> sets.stream().filter(set -> set.isAt(literal, address.port())))
        .flatMap(set -> set.names().stream())
        .distinct()
        .toList();
  }

  /** Whether a pattern on that port passes the test. */
  boolean anyOn(int port, Predicate<HostPattern> such) {
    return destinations.stream()
        .anyMatch(
            destination -> destination.ports().contains(port) && such.test(destination.hosts()));
  }

  public boolean contains(HostPort target) {
    String host = target.host();
    int port = target.port();
    Ports named = exact.get(host);
    if (named != null && named.contains(port)) {
      return true;
    }
    for (Map.Entry<HostPattern, Ports> entry : patterns.entrySet()) {
      if (entry.getValue().contains(port) && entry.getKey().matches(host)) {
        return true;
      }
    }
    return Cidr.address(host).filter(address -> containsAddress(address, port)).isPresent();
  }

  private boolean containsAddress(InetAddress address, int port) {
    for (Map.Entry<Cidr, Ports> entry : subnets.entrySet()) {
      if (entry.getValue().contains(port) && entry.getKey().contains(address)) {
        return true;
      }
    }
    return false;
  }

  /** Whether the operator wrote this host or a block with this address; wildcards do not count. */
  boolean names(HostPort target) {
    return written.stream().anyMatch(each -> isLiteral(each.hosts()) && each.matches(target));
  }

  /** Whether the operator wrote an exact host name on that port. */
  boolean namesHostOn(int port) {
    return written.stream()
        .anyMatch(each -> each.hosts() instanceof HostPattern.Exact && each.ports().contains(port));
  }

  private static boolean isLiteral(HostPattern hosts) {
    return hosts instanceof HostPattern.Exact || hosts instanceof HostPattern.Subnet;
  }

  /** The ports on which a host is in the list; empty if it is not. */
  Optional<Ports> portsOf(String host) {
    return destinations.stream()
        .filter(destination -> destination.hosts().matches(host))
        .map(Destination::ports)
        .reduce(Ports::union);
  }

  @Override
  public String toString() {
    return name + " (" + destinations.size() + " destinations)";
  }
}
