package org.tlsuplift.proxy.upstream.dial;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.proxy.ProxyHandler;
import io.netty.resolver.AddressResolverGroup;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.relay.Relay;
import org.tlsuplift.proxy.route.AddressScope;
import org.tlsuplift.proxy.route.Egress;
import org.tlsuplift.proxy.route.UpstreamProxy;

/** Connects to origins, directly or through an upstream proxy. Thread-safe. */
public final class OriginDialer {
  private final UpstreamSpec spec;
  private final Class<? extends SocketChannel> channelType;
  private final AddressResolverGroup<InetSocketAddress> resolvers;
  private final Predicate<InetSocketAddress> isSelf;
  private final Function<HostPort, Egress> exits;
  private final Function<HostPort, AddressScope> scopes;

  /** The local addresses of open connections. */
  private final Set<SocketAddress> own;

  public OriginDialer(
      UpstreamSpec spec,
      Class<? extends SocketChannel> channelType,
      AddressResolverGroup<InetSocketAddress> resolvers,
      Predicate<InetSocketAddress> isSelf,
      Function<HostPort, Egress> exits,
      Function<HostPort, AddressScope> scopes) {
    this(spec, channelType, resolvers, isSelf, exits, scopes, ConcurrentHashMap.newKeySet());
  }

  private OriginDialer(
      UpstreamSpec spec,
      Class<? extends SocketChannel> channelType,
      AddressResolverGroup<InetSocketAddress> resolvers,
      Predicate<InetSocketAddress> isSelf,
      Function<HostPort, Egress> exits,
      Function<HostPort, AddressScope> scopes,
      Set<SocketAddress> own) {
    this.spec = spec;
    this.channelType = channelType;
    this.resolvers = resolvers;
    this.isSelf = isSelf;
    this.exits = exits;
    this.scopes = scopes;
    this.own = own;
  }

  /** A dialer with other settings; the two know each other's connections. */
  public OriginDialer with(
      UpstreamSpec otherSpec,
      AddressResolverGroup<InetSocketAddress> otherResolvers,
      Function<HostPort, Egress> otherExits,
      Function<HostPort, AddressScope> otherScopes) {
    return new OriginDialer(
        otherSpec, channelType, otherResolvers, isSelf, otherExits, otherScopes, own);
  }

  /**
   * Connects. The channel is on the session's event loop, and auto-read is off.
   *
   * @return fails with an {@link OriginUnavailableException}; cancelling it closes all attempts
   */
  public Future<Channel> dial(DialContext dialContext, HostPort origin) {
    Egress egress = exits.apply(origin);
    Hop hop =
        egress.via() == null
            ? new Hop.Straight(origin)
            : new Hop.Through(egress.via(), origin, true);
    return new DialAttempt(this, dialContext, hop, egress.proxyHeader(), scopes.apply(origin))
        .start();
  }

  /**
   * Whether a device's address is the local address of a connection to an origin. If a packet
   * filter redirects such connections back to this proxy, each would open another one.
   */
  public boolean isOwn(InetSocketAddress device) {
    return own.contains(device);
  }

  /**
   * Connects for a plain HTTP request: to the upstream proxy that forwards it, or as {@link #dial}
   * does.
   */
  public Future<Channel> dialPlain(DialContext dialContext, HostPort origin) {
    Egress egress = exits.apply(origin);
    UpstreamProxy sender = senderOf(origin);
    return sender == null
        ? dial(dialContext, origin)
        : new DialAttempt(
                this,
                dialContext,
                new Hop.Through(sender, origin, false),
                egress.proxyHeader(),
                scopes.apply(origin))
            .start();
  }

  /**
   * Connects directly to a host, at one of the addresses that the caller has checked.
   *
   * @param addresses not empty
   */
  public Future<Channel> dialAddresses(
      DialContext dialContext, HostPort host, List<InetSocketAddress> addresses) {
    return new DialAttempt(this, dialContext, new Hop.Straight(host), false, AddressScope.ANY)
        .start(addresses);
  }

  /** Whether an origin is reached through an upstream proxy, which resolves its name. */
  public boolean isThroughProxy(HostPort origin) {
    return exits.apply(origin).via() != null;
  }

  /** Whether connections to an origin begin with the device's address (PROXY protocol). */
  public boolean namesDevice(HostPort origin) {
    return exits.apply(origin).proxyHeader();
  }

  /** The upstream proxy that forwards plain HTTP to an origin, or null. */
  public @Nullable UpstreamProxy senderOf(HostPort origin) {
    UpstreamProxy via = exits.apply(origin).via();
    return via != null && via.protocol() == UpstreamProxy.Protocol.HTTP ? via : null;
  }

  public UpstreamSpec spec() {
    return spec;
  }

  public Future<List<InetSocketAddress>> resolve(DialContext dialContext, HostPort address) {
    return resolvers
        .getResolver(dialContext.loop())
        .resolveAll(InetSocketAddress.createUnresolved(address.host(), address.port()));
  }

  boolean isSelf(InetSocketAddress address) {
    return isSelf.test(address);
  }

  ChannelFuture connect(
      DialContext dialContext, Hop hop, boolean proxyHeader, InetSocketAddress address) {
    UpstreamInitializer pipeline =
        new UpstreamInitializer(
            proxyHeader ? dialContext : null,
            hop instanceof Hop.Through through && through.byConnect()
                ? handler(through, address)
                : null);
    Bootstrap bootstrap =
        new Bootstrap()
            .group(dialContext.loop())
            .channel(channelType)
            // ProxyHandler connects to the upstream proxy's resolved address.
            .disableResolver()
            // The listeners use the same allocator.
            .option(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
            .option(ChannelOption.RECVBUF_ALLOCATOR, Relay.READS)
            .option(ChannelOption.AUTO_READ, false)
            .option(ChannelOption.TCP_NODELAY, true)
            .option(ChannelOption.SO_KEEPALIVE, true)
            .option(
                ChannelOption.CONNECT_TIMEOUT_MILLIS,
                Math.toIntExact(spec.connectTimeout().toMillis()))
            .handler(pipeline);
    spec.sources().prepare(bootstrap, channelType);
    InetSocketAddress to =
        hop instanceof Hop.Through through && through.byConnect() ? through.destination() : address;
    InetSocketAddress from = spec.sources().from(address);
    ChannelFuture attempt = from == null ? bootstrap.connect(to) : bootstrap.connect(to, from);
    if (attempt.channel().isOpen()) {
      dialContext.holdings().add(attempt.channel());
    }
    attempt.addListener(
        done -> {
          if (done.isSuccess()) {
            remember(attempt.channel());
          }
        });
    return attempt;
  }

  private void remember(Channel connection) {
    SocketAddress local = connection.localAddress();
    if (local != null) {
      own.add(local);
      connection.closeFuture().addListener(closed -> own.remove(local));
    }
  }

  private ProxyHandler handler(Hop.Through through, InetSocketAddress address) {
    ProxyHandler handler = through.handler(address);
    // The upstream proxy resolves and connects, so its timeout is the sum of both.
    handler.setConnectTimeoutMillis(spec.resolveTimeout().plus(spec.connectTimeout()).toMillis());
    return handler;
  }
}
