package org.tlsuplift.proxy.upstream;

import io.netty.util.NetUtil;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import org.tlsuplift.proxy.route.Cidr;
import org.tlsuplift.proxy.session.HostPort;

/**
 * Whom a certificate may have us ask about its status.
 *
 * <p>The owner of a certificate may put any address into it, so one that is trusted because a
 * public CA signed it must not make this machine connect to the inside of the network (server-side
 * request forgery). Where the operator has named the roots himself, their CAs may be inside.
 * Link-local and multicast addresses, such as those of a cloud's metadata service, are never asked.
 *
 * @param inside whether loopback and private addresses may be asked
 */
record StatusAddresses(boolean inside) {
  static final String REFUSED = "its address is inside the network, where no public CA is";

  /** Private and shared addresses that the JDK does not know as site-local. */
  private static final List<Cidr> ALSO_PRIVATE =
      List.of(Cidr.parse("fc00::/7"), Cidr.parse("100.64.0.0/10"), Cidr.parse("0.0.0.0/8"));

  /** Whether a host may be asked, as far as its name tells. */
  boolean mayAsk(HostPort host) {
    return host.isAddressLiteral()
        ? mayAsk(NetUtil.createInetAddressFromIpAddressString(host.host()))
        : inside || (host.host().indexOf('.') > 0 && !host.host().endsWith(".localhost"));
  }

  /** The first that may be asked. */
  Optional<HostPort> firstOf(List<InetSocketAddress> addresses) {
    return addresses.stream()
        .filter(address -> mayAsk(address.getAddress()))
        .findFirst()
        .map(address -> new HostPort(literal(address.getAddress()), address.getPort()));
  }

  private boolean mayAsk(InetAddress address) {
    if (address.isLinkLocalAddress()
        || address.isMulticastAddress()
        || address.isAnyLocalAddress()) {
      return false;
    }
    return inside || !isInside(address);
  }

  private static boolean isInside(InetAddress address) {
    return address.isLoopbackAddress()
        || address.isSiteLocalAddress()
        || ALSO_PRIVATE.stream().anyMatch(block -> block.contains(address))
        || isTranslated(address);
  }

  /** Addresses of IPv6 that stand for one of IPv4: NAT64, 6to4, and compatible ones. */
  private static boolean isTranslated(InetAddress address) {
    return address instanceof Inet6Address six
        && (six.isIPv4CompatibleAddress()
            || Cidr.parse("64:ff9b::/32").contains(six)
            || Cidr.parse("2002::/16").contains(six));
  }

  private static String literal(InetAddress address) {
    String text = address.getHostAddress();
    int zone = text.indexOf('%');
    return zone < 0 ? text : text.substring(0, zone);
  }
}
