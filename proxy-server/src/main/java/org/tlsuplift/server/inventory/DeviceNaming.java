package org.tlsuplift.server.inventory;

import java.net.InetAddress;
import java.util.Map;

/**
 * How devices come to their names.
 *
 * @param names what the operator calls some
 * @param reverseDns whether the name service is asked for the others
 */
public record DeviceNaming(Map<InetAddress, String> names, boolean reverseDns) {
  public DeviceNaming {
    names = Map.copyOf(names);
  }
}
