package org.tlsuplift.proxy.negotiate;

import io.netty.channel.Channel;
import java.net.InetSocketAddress;
import java.util.Optional;

/** How the packet filter redirects devices that try to connect to an origin. */
public interface Redirection {
  /**
   * The address that the device tried to reach; empty if it was not redirected. Called on the
   * channel's event loop.
   */
  Optional<InetSocketAddress> destination(Channel device);

  /**
   * Whether the listening socket must accept connections for other machines' addresses
   * (IP_TRANSPARENT), which needs a capability.
   */
  boolean needsTransparentSocket();

  /** The nftables rule, as in the configuration. */
  String label();

  /** By {@code redirect} or {@code dnat}: the kernel remembers what it rewrote. */
  static Redirection redirect() {
    return new NatRedirection();
  }

  /** By {@code tproxy}: the kernel rewrites nothing. */
  static Redirection tproxy() {
    return new TproxyRedirection();
  }
}
