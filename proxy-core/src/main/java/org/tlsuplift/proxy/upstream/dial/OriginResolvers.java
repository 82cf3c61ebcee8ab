package org.tlsuplift.proxy.upstream.dial;

import io.netty.channel.ReflectiveChannelFactory;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.resolver.AddressResolverGroup;
import io.netty.resolver.ResolvedAddressTypes;
import io.netty.resolver.dns.DnsAddressResolverGroup;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import io.netty.resolver.dns.DnsNameResolverChannelStrategy;
import io.netty.resolver.dns.DnsServerAddressStreamProvider;
import io.netty.resolver.dns.NoopAuthoritativeDnsServerCache;
import io.netty.resolver.dns.NoopDnsCnameCache;
import java.net.InetSocketAddress;
import java.time.Duration;

/**
 * Resolves origin names with DNS (A and AAAA records), without blocking an event loop. The
 * addresses of names in use are refreshed before they end.
 *
 * <p>Responses are hard to forge ({@link QueryChannels}), and one for a name changes nothing for
 * another: only addresses are cached, and no aliases or name servers.
 */
public final class OriginResolvers extends DnsAddressResolverGroup {
  private final AddressRefresh refresh;

  private OriginResolvers(DnsNameResolverBuilder builder, AddressRefresh refresh) {
    super(builder.copy().resolveCache(refresh.cache()));
    this.refresh = refresh;
  }

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
    return create(
        new QueryChannels(new ReflectiveChannelFactory<>(datagramChannel)),
        new SystemNameServers(),
        new DnsNameResolverBuilder()
            .socketChannelType(socketChannel)
            .resolvedAddressTypes(ResolvedAddressTypes.IPV6_PREFERRED)
            .queryTimeoutMillis(queryTimeout.toMillis()));
  }

  static AddressResolverGroup<InetSocketAddress> create(
      QueryChannels channels,
      DnsServerAddressStreamProvider servers,
      DnsNameResolverBuilder settings) {
    DnsNameResolverBuilder builder =
        settings
            .copy()
            .nameServerProvider(channels.limit(servers))
            .datagramChannelFactory(channels.factory())
            .datagramChannelStrategy(DnsNameResolverChannelStrategy.ChannelPerResolution)
            .cnameCache(NoopDnsCnameCache.INSTANCE)
            .authoritativeDnsServerCache(NoopAuthoritativeDnsServerCache.INSTANCE);
    return new OriginResolvers(builder, new AddressRefresh(builder));
  }

  @Override
  public void close() {
    refresh.close();
    super.close();
  }
}
