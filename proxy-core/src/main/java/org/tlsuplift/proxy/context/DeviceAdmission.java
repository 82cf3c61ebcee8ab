package org.tlsuplift.proxy.context;

import java.net.InetAddress;
import java.util.List;
import org.tlsuplift.proxy.route.Cidr;

/**
 * The subnets from which devices may connect. Thread-safe.
 *
 * @param subnets the allowed subnets; all other devices are rejected
 */
public record DeviceAdmission(List<Cidr> subnets) {
  public DeviceAdmission {
    subnets = List.copyOf(subnets);
  }

  public boolean admits(InetAddress device) {
    for (Cidr subnet : subnets) {
      if (subnet.contains(device)) {
        return true;
      }
    }
    return false;
  }
}
