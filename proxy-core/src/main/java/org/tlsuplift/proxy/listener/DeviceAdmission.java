package org.tlsuplift.proxy.listener;

import java.net.InetAddress;
import java.util.List;
import org.tlsuplift.proxy.route.Cidr;

/**
 * The subnets that devices may come from. Thread-safe.
 *
 * @param subnets nobody else is admitted
 */
public record DeviceAdmission(List<Cidr> subnets) {
  public DeviceAdmission {
    subnets = List.copyOf(subnets);
  }

  boolean admits(InetAddress device) {
    return subnets.stream().anyMatch(subnet -> subnet.contains(device));
  }
}
