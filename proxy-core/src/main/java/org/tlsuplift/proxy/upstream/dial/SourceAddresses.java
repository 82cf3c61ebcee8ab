package org.tlsuplift.proxy.upstream.dial;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.unix.IntegerUnixChannelOption;
import io.netty.channel.uring.IoUringSocketChannel;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The local addresses of connections to origins.
 *
 * <p>If only one IP version has an address, the other one is not used, because a firewall may allow
 * only the configured address.
 *
 * @param ipv4 the address of IPv4 connections, or null
 * @param ipv6 the address of IPv6 connections, or null
 */
public record SourceAddresses(@Nullable Inet4Address ipv4, @Nullable Inet6Address ipv6) {
  /** The kernel chooses. */
  public static final SourceAddresses ANY = new SourceAddresses(null, null);

  /** Linux: level IPPROTO_IP, option IP_BIND_ADDRESS_NO_PORT. */
  private static final IntegerUnixChannelOption CHOOSE_PORT_LATE =
      new IntegerUnixChannelOption("IP_BIND_ADDRESS_NO_PORT", 0, 24);

  /** The destinations whose IP version has a source address. */
  public List<InetSocketAddress> reachable(List<InetSocketAddress> addresses) {
    return any() ? addresses : addresses.stream().filter(address -> from(address) != null).toList();
  }

  /** The local address of a connection; null if the kernel chooses. */
  @Nullable InetSocketAddress from(InetSocketAddress address) {
    var source = address.getAddress() instanceof Inet6Address ? ipv6 : ipv4;
    return source == null ? null : new InetSocketAddress(source, 0);
  }

  /**
   * Makes the kernel choose the local port when it connects, not when it binds. Otherwise a port
   * serves only one connection in total, instead of one per destination.
   */
  void prepare(Bootstrap bootstrap, Class<? extends SocketChannel> channelType) {
    if (any()) {
      return;
    }
    if (channelType == EpollSocketChannel.class || channelType == IoUringSocketChannel.class) {
      bootstrap.option(CHOOSE_PORT_LATE, 1);
    }
  }

  private boolean any() {
    return ipv4 == null && ipv6 == null;
  }

  @Override
  public String toString() {
    if (any()) {
      return "any";
    }
    String first = ipv4 == null ? "" : ipv4.getHostAddress();
    String second = ipv6 == null ? "" : ipv6.getHostAddress();
    return first + (first.isEmpty() || second.isEmpty() ? "" : ", ") + second;
  }
}
