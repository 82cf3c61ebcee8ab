package org.tlsuplift.proxy.upstream;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.route.AddressKind;

/**
 * The hosts that may be queried for a certificate's revocation status.
 *
 * <p>The certificate contains the address of the query. A certificate from a public CA must not
 * make this machine connect to the local network (server-side request forgery). If the operator
 * configured the roots, their CAs may be in the local network. Link-local and multicast addresses,
 * such as a cloud's metadata service, are never queried.
 *
 * @param inside whether loopback and private addresses may be queried
 */
record StatusAddresses(boolean inside) {
  static final String REFUSED = "private addresses are not queried";

  /** Whether a host may be queried, as far as its name tells. */
  boolean mayAsk(HostPort host) {
    return host.isAddressLiteral()
        ? mayAsk(NetUtil.createInetAddressFromIpAddressString(host.host()))
        : inside || (host.host().indexOf('.') > 0 && !host.host().endsWith(".localhost"));
  }

  List<InetSocketAddress> allowed(List<InetSocketAddress> addresses) {
    return addresses.stream().filter(address -> mayAsk(address.getAddress())).toList();
  }

  private boolean mayAsk(@Nullable InetAddress address) {
    // Null if Netty cannot parse the literal.
    return address != null
        && switch (AddressKind.of(address)) {
          case PUBLIC -> true;
          case LOOPBACK, PRIVATE -> inside;
          case UNSPECIFIED, LINK_LOCAL, MULTICAST -> false;
        };
  }
}
