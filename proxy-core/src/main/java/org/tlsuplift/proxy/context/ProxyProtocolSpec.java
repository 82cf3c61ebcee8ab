package org.tlsuplift.proxy.context;

import java.net.InetAddress;
import java.util.List;
import org.tlsuplift.proxy.route.Cidr;

/**
 * Every connection of a listener starts with a PROXY header that has the device's address.
 *
 * @param from the load balancers that may send it; other connections are rejected
 */
public record ProxyProtocolSpec(List<Cidr> from) {
  public ProxyProtocolSpec {
    from = List.copyOf(from);
  }

  public boolean trusts(InetAddress sender) {
    return from.stream().anyMatch(subnet -> subnet.contains(sender));
  }
}
