package org.tlsuplift.proxy.upstream.dial;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ConnectTimeoutException;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.proxy.ProxyConnectException;
import io.netty.handler.proxy.ProxyHandler;
import io.netty.resolver.AddressResolverGroup;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.Explanation;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.relay.Relay;
import org.tlsuplift.proxy.route.AddressScope;
import org.tlsuplift.proxy.route.Egress;
import org.tlsuplift.proxy.route.UpstreamProxy;

/** Connects to origins, directly or through an upstream proxy. Thread-safe. */
public final class OriginDialer {
  private static final String ITSELF = "this is TLS Uplift itself";
  private static final String CHECK_DNS =
      "correct the target in the device, or this machine's DNS:"
          + " 'tls-uplift manual dns#prevent-the-loop'";

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
    return new Attempt(dialContext, hop, egress.proxyHeader(), scopes.apply(origin)).start();
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
        : new Attempt(
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
    return new Attempt(dialContext, new Hop.Straight(host), false, AddressScope.ANY)
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

  private ChannelFuture connect(
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

  /**
   * One attempt to connect to an origin: resolves the hop's name, tries its addresses, and requests
   * the connection from an upstream proxy if the hop is one. Runs on one event loop.
   */
  private final class Attempt {
    private final DialContext dialContext;
    private final Hop hop;
    private final boolean proxyHeader;
    private final AddressScope scope;
    private final Promise<Channel> promise;

    Attempt(DialContext dialContext, Hop hop, boolean proxyHeader, AddressScope scope) {
      this.dialContext = dialContext;
      this.hop = hop;
      this.proxyHeader = proxyHeader;
      this.scope = scope;
      this.promise = dialContext.loop().newPromise();
    }

    Future<Channel> start() {
      if (hop instanceof Hop.Through through) {
        OriginUnavailableException refusal = refusal(through.origin());
        if (refusal != null) {
          promise.setFailure(refusal);
          return promise;
        }
      }
      Future<List<InetSocketAddress>> resolution = resolve(dialContext, hop.address());
      Future<?> timer =
          dialContext
              .loop()
              .schedule(
                  () ->
                      promise.tryFailure(hop.unresolved(OriginResolvers.explain(null)).late(true)),
                  spec.resolveTimeout().toMillis(),
                  TimeUnit.MILLISECONDS);
      promise.addListener(done -> timer.cancel(false));
      resolution.addListener(
          done -> {
            timer.cancel(false);
            if (!resolution.isSuccess()) {
              promise.tryFailure(
                  OpenFiles.areTooMany(resolution.cause())
                      ? Hop.withoutFiles(hop.address())
                      : hop.unresolved(OriginResolvers.explain(resolution.cause())));
            } else if (!promise.isDone()) {
              race(resolution.getNow());
            }
          });
      return promise;
    }

    /** Connects to one of the addresses, without DNS. */
    Future<Channel> start(List<InetSocketAddress> addresses) {
      race(addresses);
      return promise;
    }

    /**
     * Checks an address literal. The upstream proxy resolves names, so they cannot be checked here.
     */
    private @Nullable OriginUnavailableException refusal(HostPort origin) {
      InetAddress literal = NetUtil.createInetAddressFromIpAddressString(origin.host());
      if (literal == null) {
        return null;
      }
      if (isSelf.test(new InetSocketAddress(literal, origin.port()))) {
        return Hop.loop(origin, Explanation.of(ITSELF));
      }
      return scope.allows(literal) ? null : Hop.inside(origin, scope.refusal(literal));
    }

    private void race(List<InetSocketAddress> all) {
      if (all.isEmpty()) {
        promise.tryFailure(hop.unresolved(Explanation.of("the name has no address")));
        return;
      }
      if (all.stream().anyMatch(isSelf)) {
        promise.tryFailure(
            hop instanceof Hop.Through through
                ? Hop.loop(
                    through.origin(),
                    Explanation.of("'via' " + through.via().address() + " is TLS Uplift itself"))
                : Hop.loop(hop.address(), Explanation.of(ITSELF, CHECK_DNS)));
        return;
      }
      List<InetSocketAddress> allowed = allowed(all);
      if (allowed.isEmpty()) {
        return;
      }
      List<InetSocketAddress> addresses = spec.sources().reachable(allowed);
      if (addresses.isEmpty()) {
        promise.tryFailure(
            hop.unreachable(
                "no address has the IP version of upstream.sourceAddress (%s)"
                    .formatted(spec.sources())));
        return;
      }
      Future<Channel> race =
          HappyEyeballs.start(
              address -> connect(dialContext, hop, proxyHeader, address),
              dialContext.loop(),
              addresses);
      Promises.onCancel(promise, () -> race.cancel(false));
      race.addListener(
          done -> {
            if (race.isSuccess()) {
              connected(race.getNow());
            } else if (!race.isCancelled()) {
              promise.tryFailure(unreachable(race.cause()));
            }
          });
    }

    private OriginUnavailableException unreachable(Throwable cause) {
      return OpenFiles.areTooMany(cause)
          ? Hop.withoutFiles(hop.address())
          : hop.unreachable(cause.getMessage() + from())
              .late(cause instanceof ConnectTimeoutException);
    }

    /** Returns the addresses that the route allows. If there are none, fails the dial. */
    private List<InetSocketAddress> allowed(List<InetSocketAddress> all) {
      if (hop instanceof Hop.Through) {
        return all;
      }
      List<InetSocketAddress> allowed =
          all.stream().filter(address -> scope.allows(address.getAddress())).toList();
      if (allowed.isEmpty()) {
        promise.tryFailure(Hop.inside(hop.address(), scope.refusal(all.get(0).getAddress())));
      }
      return allowed;
    }

    private String from() {
      SourceAddresses sources = spec.sources();
      return sources.equals(SourceAddresses.ANY) ? "" : " (from " + sources + ")";
    }

    private void connected(Channel channel) {
      if (!(hop instanceof Hop.Through through) || !through.byConnect()) {
        if (proxyHeader) {
          // Netty calls channelActive, which sends the header, after this listener.
          dialContext.loop().execute(() -> succeed(channel));
        } else {
          succeed(channel);
        }
        return;
      }
      Promises.onCancel(
          promise,
          () -> {
            var unused = channel.close();
          });
      ProxyHandler handler = channel.pipeline().get(ProxyHandler.class);
      if (handler == null || promise.isDone()) {
        var unused = channel.close();
        promise.tryFailure(through.refused(new ProxyConnectException("closed")));
        return;
      }
      Future<Channel> asked = handler.connectFuture();
      asked.addListener(
          done -> {
            if (asked.isSuccess()) {
              // Later, after the bytes that arrived together with the proxy's response.
              dialContext.loop().execute(() -> passedOn(channel));
            } else {
              promise.tryFailure(through.refused(asked.cause()));
            }
          });
    }

    /** Removes the upstream proxy's handlers: the channel is connected to the origin now. */
    private void passedOn(Channel channel) {
      ChannelPipeline pipeline = channel.pipeline();
      while (pipeline.get(ProxyHandler.class) != null) {
        pipeline.removeFirst();
      }
      succeed(channel);
    }

    private void succeed(Channel channel) {
      if (!channel.isActive()) {
        // The channel's handlers are gone, so no event reports that it closed.
        promise.tryFailure(hop.unreachable("the connection closed immediately"));
      }
      if (!promise.trySuccess(channel)) {
        var unused = channel.close();
      }
    }
  }
}
