package org.tlsuplift.proxy.upstream.dial;

import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.resolver.AddressResolverGroup;
import io.netty.resolver.ResolvedAddressTypes;
import io.netty.resolver.dns.DnsAddressResolverGroup;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import java.net.InetSocketAddress;
import java.time.Duration;

/** Resolves origin names with DNS (A and AAAA records), without blocking an event loop. */
public final class OriginResolvers {
  private static final int MAX_TTL_SECONDS = 300;
  private static final int NEGATIVE_TTL_SECONDS = 5;

  private OriginResolvers() {}

  /**
   * Creates resolvers for any event loop of a transport. The caller closes them.
   *
   * @param socketChannel for responses that do not fit into a datagram (RFC 7766)
   * @param queryTimeout the limit of each query
   */
  public static AddressResolverGroup<InetSocketAddress> create(
      Class<? extends DatagramChannel> datagramChannel,
      Class<? extends SocketChannel> socketChannel,
      Duration queryTimeout) {
    return new DnsAddressResolverGroup(
        new DnsNameResolverBuilder()
            .datagramChannelType(datagramChannel)
            .socketChannelType(socketChannel)
            .resolvedAddressTypes(ResolvedAddressTypes.IPV6_PREFERRED)
            .queryTimeoutMillis(queryTimeout.toMillis())
            .ttl(0, MAX_TTL_SECONDS)
            .negativeTtl(NEGATIVE_TTL_SECONDS));
  }
}
