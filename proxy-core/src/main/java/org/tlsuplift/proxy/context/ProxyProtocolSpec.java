package org.tlsuplift.proxy.context;

import java.net.InetAddress;
import java.util.List;
import org.tlsuplift.proxy.route.Cidr;

/**
 * The settings of a listener whose connections start with a PROXY header (HAProxy PROXY protocol,
 * versions 1 and 2). The header has the device's address.
 *
 * @param from the subnets of the load balancers; other connections are rejected
 */
public record ProxyProtocolSpec(List<Cidr> from) {
  public ProxyProtocolSpec {
    from = List.copyOf(from);
  }

  public boolean trusts(InetAddress sender) {
    return from.stream().anyMatch(subnet -> subnet.contains(sender));
  }
}
