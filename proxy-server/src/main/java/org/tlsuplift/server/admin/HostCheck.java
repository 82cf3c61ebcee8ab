package org.tlsuplift.server.admin;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.tlsuplift.proxy.model.HostPort;

/**
 * Judges by which name somebody came.
 *
 * <p>A page elsewhere can make a browser call any host name, and have that name resolve to this
 * port (DNS rebinding): then the browser takes our answers for that page's own. An address in place
 * of the name cannot be rebound, nor can localhost.
 */
final class HostCheck {
  private final Set<String> names;

  HostCheck(Set<String> names) {
    this.names = names;
  }

  /**
   * Whether a request is for us.
   *
   * @param host the values of its {@code Host} header; an absent one comes from no browser, but
   *     from what checks our health by HTTP/1.0
   */
  boolean allows(List<String> host) {
    return host.isEmpty() || (host.size() == 1 && allows(host.get(0)));
  }

  private boolean allows(String host) {
    String name = HostPort.normalise(withoutPort(host));
    return HostPort.isAddressLiteral(name) || name.equals("localhost") || names.contains(name);
  }

  private static String withoutPort(String host) {
    if (host.startsWith("[")) {
      int end = host.indexOf(']');
      return end < 0 ? host : host.substring(1, end);
    }
    int colon = host.lastIndexOf(':');
    return (colon < 0 ? host : host.substring(0, colon)).toLowerCase(Locale.ROOT);
  }
}
