package org.tlsuplift.proxy.route;

import java.net.InetAddress;
import java.util.List;

/**
 * Names and the addresses at which their owner serves them, so that an address tells what a device
 * wants.
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
