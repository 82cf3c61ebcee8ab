package org.tlsuplift.server.inventory;

import java.net.InetAddress;
import java.util.Map;

/**
 * Where the names of devices come from.
 *
 * @param names names that the operator gave
 * @param reverseDns whether the others are looked up by reverse DNS
 */
public record DeviceNaming(Map<InetAddress, String> names, boolean reverseDns) {
  public DeviceNaming {
    names = Map.copyOf(names);
  }
}
