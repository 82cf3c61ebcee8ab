package org.tlsuplift.proxy.upstream.dial;

import io.netty.channel.ReflectiveChannelFactory;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.dns.DnsResponseCode;
import io.netty.resolver.AddressResolverGroup;
import io.netty.resolver.ResolvedAddressTypes;
import io.netty.resolver.dns.DnsAddressResolverGroup;
import io.netty.resolver.dns.DnsErrorCauseException;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import io.netty.resolver.dns.DnsNameResolverChannelStrategy;
import io.netty.resolver.dns.DnsNameResolverException;
import io.netty.resolver.dns.DnsServerAddressStreamProvider;
import io.netty.resolver.dns.NoopAuthoritativeDnsServerCache;
import io.netty.resolver.dns.NoopDnsCnameCache;
import io.netty.util.NetUtil;
import java.net.InetSocketAddress;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.Explanation;

/**
 * Resolves origin names with DNS (A and AAAA records), without blocking an event loop. The
 * addresses of names in use are refreshed before they end. A change of the hosts file counts after
 * a second at most.
 *
 * <p>Responses are hard to forge ({@link QueryChannels}), and one for a name changes nothing for
 * another: only addresses are cached, and no aliases or name servers.
 */
public final class OriginResolvers extends DnsAddressResolverGroup {
  /** As in resolv.conf(5). */
  private static final int MAX_SERVERS = 3;

  private static final String CHECK_SERVERS =
      "check the DNS servers in " + SystemNameServers.PLACE + " and the network path to them";

  /** In nanoseconds. Netty reads the hosts file once without it, and never again. */
  private static final String HOSTS_REFRESH = "io.netty.hostsFileRefreshInterval";

  static {
    if (System.getProperty(HOSTS_REFRESH) == null) {
      System.setProperty(HOSTS_REFRESH, String.valueOf(Duration.ofSeconds(1).toNanos()));
    }
  }

  private final AddressRefresh refresh;

  private OriginResolvers(DnsNameResolverBuilder builder, AddressRefresh refresh) {
    super(builder.copy().resolveCache(refresh.cache()));
    this.refresh = refresh;
  }

  /**
   * Creates resolvers for any event loop of a transport. The caller closes them.
   *
   * @param socketChannel for responses that do not fit into a datagram (RFC 7766)
   * @param timeout the caller's limit for a name. The queries to all name servers end before it, so
   *     that a server that is down neither uses all of it nor goes unnamed.
   */
  public static AddressResolverGroup<InetSocketAddress> create(
      Class<? extends DatagramChannel> datagramChannel,
      Class<? extends SocketChannel> socketChannel,
      Duration timeout) {
    SystemNameServers servers = new SystemNameServers();
    int tried = Math.min(servers.nameServerAddressStream("").size(), MAX_SERVERS);
    return create(
        new QueryChannels(new ReflectiveChannelFactory<>(datagramChannel)),
        servers,
        new DnsNameResolverBuilder()
            .socketChannelType(socketChannel)
            .resolvedAddressTypes(ResolvedAddressTypes.IPV6_PREFERRED)
            .queryTimeoutMillis(Math.max(1, timeout.toMillis() * 9 / 10 / tried)));
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

  /**
   * Why a name has no address, in the operator's words. If the remedy is empty, the name may be
   * wrong, or DNS.
   *
   * @param failed what Netty's resolver failed with, or null if it takes too long
   */
  public static Explanation explain(@Nullable Throwable failed) {
    if (failed == null) {
      return Explanation.of("no DNS server responds in time", CHECK_SERVERS);
    }
    Throwable cause = failed.getCause();
    if (cause instanceof DnsErrorCauseException refused) {
      return Explanation.of(
          refused.getCode().equals(DnsResponseCode.NXDOMAIN)
              ? "DNS does not know the name"
              : "the DNS server reports " + refused.getCode());
    }
    if (cause instanceof DnsNameResolverException query) {
      String server =
          "the DNS server " + NetUtil.toAddressString(query.remoteAddress().getAddress());
      return Explanation.of(
          cause.getCause() == null
              ? server + " does not respond"
              : server + " cannot be reached: " + cause.getCause().getMessage(),
          CHECK_SERVERS);
    }
    String message = String.valueOf(failed.getMessage());
    return Explanation.of(
        message.startsWith("Failed to resolve") ? "DNS returns no address" : message);
  }

  @Override
  public void close() {
    refresh.close();
    super.close();
  }
}
