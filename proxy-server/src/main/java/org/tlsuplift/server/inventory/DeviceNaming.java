package org.tlsuplift.server.inventory;

import java.net.InetAddress;
import java.util.Map;

/**
 * The sources of device names.
 *
 * @param names configured names, by address
 * @param reverseDns whether the daemon looks up all other names in DNS
 */
public record DeviceNaming(Map<InetAddress, String> names, boolean reverseDns) {
  public DeviceNaming {
    names = Map.copyOf(names);
  }
}
