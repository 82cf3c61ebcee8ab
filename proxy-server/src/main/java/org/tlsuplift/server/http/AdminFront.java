package org.tlsuplift.server.http;

import io.netty.handler.codec.http.HttpHeaders;
import java.net.InetAddress;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.route.Cidr;

/**
 * What is between browsers and the admin port.
 *
 * @param url the address in browsers, with https; null if they reach the port itself
 * @param proxies those whose {@code X-Forwarded-For} is believed
 */
public record AdminFront(@Nullable String url, List<Cidr> proxies) {
  static final AdminFront NOTHING = new AdminFront(null, List.of());

  public AdminFront {
    proxies = List.copyOf(proxies);
  }

  /** The origin of the address as browsers write it (RFC 6454 section 6.2); empty for none. */
  String origin() {
    if (url == null) {
      return "";
    }
    URI uri = URI.create(url);
    String port = uri.getPort() < 0 || uri.getPort() == 443 ? "" : ":" + uri.getPort();
    return ("https://" + uri.getHost() + port).toLowerCase(Locale.ROOT);
  }

  boolean trusts(InetAddress address) {
    return proxies.stream().anyMatch(proxy -> proxy.contains(address));
  }

  /**
   * The address of the client. Each proxy adds at the right the address from which it was called,
   * so the rightmost address that is no trusted proxy counts; what is left of it may be invented.
   *
   * @param peer the other end of the connection
   */
  InetAddress client(InetAddress peer, HttpHeaders headers) {
    InetAddress client = peer;
    if (trusts(peer)) {
      String[] hops = String.join(",", headers.getAll("X-Forwarded-For")).split(",", -1);
      for (int i = hops.length - 1; i >= 0 && trusts(client); i--) {
        Optional<InetAddress> before = address(hops[i].strip().toLowerCase(Locale.ROOT));
        if (before.isEmpty()) {
          break;
        }
        client = before.get();
      }
    }
    return client;
  }

  /** Some proxies write a port too. */
  private static Optional<InetAddress> address(String hop) {
    return HostPort.address(hop.replaceFirst("^\\[(.*)](:\\d+)?$|^([\\d.]+):\\d+$", "$1$3"));
  }
}
