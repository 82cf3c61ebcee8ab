package org.tlsuplift.server.readiness;

import io.netty.util.NetUtil;
import java.util.HexFormat;
import org.tlsuplift.proxy.route.Cidr;

/**
 * The listener or subnet that a result is about.
 *
 * @param profile of a listener; empty for a subnet
 * @param isModern whether old TLS is switched off already
 * @param order a sort key: IPv4 before IPv6, then by bytes
 */
public record Scope(
    String name, boolean isListener, String profile, boolean isModern, String order) {
  /** A listener of the configuration. */
  static Scope of(ListenerProfile listener) {
    return new Scope(listener.name(), true, listener.profile(), listener.isModern(), "");
  }

  /** The devices of a subnet, on all listeners. */
  static Scope of(Cidr block) {
    byte[] bytes = block.network().getAddress();
    String order = (bytes.length == 4 ? "4:" : "6:") + HexFormat.of().formatHex(bytes);
    return new Scope(
        NetUtil.toAddressString(block.network()) + "/" + block.prefixLength(),
        false,
        "",
        false,
        order + block.prefixLength());
  }
}
