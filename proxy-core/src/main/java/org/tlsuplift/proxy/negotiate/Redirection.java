package org.tlsuplift.proxy.negotiate;

import io.netty.channel.Channel;
import java.net.InetSocketAddress;
import java.util.Optional;

/** How the packet filter brings devices here that believe to connect to an origin. */
public interface Redirection {
  /**
   * Where the device believes to be connected to; empty when nobody redirected it. Called on the
   * channel's event loop.
   */
  Optional<InetSocketAddress> destination(Channel device);

  /**
   * Whether the listening socket must take connections for addresses that are not this machine's
   * (IP_TRANSPARENT), which takes a capability.
   */
  boolean needsTransparentSocket();

  /** The rule of nftables, as the configuration says it. */
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
