package org.tlsuplift.proxy.route;

import java.net.InetAddress;
import java.util.List;

/**
 * Host names with the addresses and ports of their servers. The address that a redirected device
 * connects to thus identifies the service.
 *
 * @param names exact names, normalised
 */
public record EndpointSet(List<String> names, List<Cidr> ranges, Ports ports) {
  public EndpointSet {
    names = List.copyOf(names);
    ranges = List.copyOf(ranges);
  }

  boolean isAt(InetAddress address, int port) {
    return ports.contains(port) && ranges.stream().anyMatch(range -> range.contains(address));
  }
}
