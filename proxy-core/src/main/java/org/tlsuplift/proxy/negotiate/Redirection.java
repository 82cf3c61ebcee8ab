package org.tlsuplift.proxy.negotiate;

import io.netty.channel.Channel;
import java.net.InetSocketAddress;
import java.util.Optional;

/** The way in which the packet filter redirects devices that try to connect to an origin. */
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

  /**
   * The rules {@code redirect} and {@code dnat}: the kernel stores the address that it replaced.
   */
  static Redirection redirect() {
    return new NatRedirection();
  }

  /** The rule {@code tproxy}: the kernel replaces no address. */
  static Redirection tproxy() {
    return new TproxyRedirection();
  }
}
