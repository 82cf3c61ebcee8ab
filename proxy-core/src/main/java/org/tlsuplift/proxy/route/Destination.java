package org.tlsuplift.proxy.route;

import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.ShortText;

/**
 * Hosts and their ports: {@code *.contoso.example:443}, {@code 10.0.0.0/8:1000-2000}, {@code
 * [2001:db8::/32]:443}.
 *
 * <p>The default port is 443, and {@code :*} means all ports. An IPv6 address or block with ports
 * needs brackets.
 */
public record Destination(HostPattern hosts, Ports ports) {
  /**
   * Reads a host pattern with or without ports.
   *
   * @throws IllegalArgumentException with a message for the operator
   */
  public static Destination parse(String text) {
    if (text.startsWith("[")) {
      return bracketed(text);
    }
    int colon = text.indexOf(':');
    if (text.contains("://") || colon < 0 || colon != text.lastIndexOf(':')) {
      return new Destination(HostPattern.parse(text), Ports.HTTPS);
    }
    return new Destination(
        HostPattern.parse(text.substring(0, colon)), Ports.parse(text.substring(colon + 1)));
  }

  private static Destination bracketed(String text) {
    int end = text.indexOf(']');
    String rest = text.substring(end + 1);
    String block = end < 0 ? "" : text.substring(1, end);
    if (!block.contains(":") || (!rest.isEmpty() && !rest.startsWith(":"))) {
      throw new IllegalArgumentException(
          ShortText.quoted(text)
              + " is not a valid address in brackets; write [2001:db8::/32]:443");
    }
    return new Destination(
        new HostPattern.Subnet(Cidr.parse(block)),
        rest.isEmpty() ? Ports.HTTPS : Ports.parse(rest.substring(1)));
  }

  public boolean matches(HostPort target) {
    return ports.contains(target.port()) && hosts.matches(target.host());
  }

  @Override
  public String toString() {
    String host = hosts.toString();
    return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + ports;
  }
}
