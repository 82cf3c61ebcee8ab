package org.tlsuplift.proxy.context;

import java.net.InetAddress;
import java.util.List;
import org.tlsuplift.proxy.route.Cidr;

/**
 * Every connection of a listener begins with a PROXY header, which says which device connects.
 *
 * @param from who may say so; connections from elsewhere are ended
 */
public record ProxyProtocolSpec(List<Cidr> from) {
  public ProxyProtocolSpec {
    from = List.copyOf(from);
  }

  public boolean trusts(InetAddress sender) {
    return from.stream().anyMatch(subnet -> subnet.contains(sender));
  }
}
