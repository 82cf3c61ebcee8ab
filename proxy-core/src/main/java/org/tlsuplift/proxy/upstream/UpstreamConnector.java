package org.tlsuplift.proxy.upstream;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.ssl.SslHandler;
import io.netty.resolver.AddressResolverGroup;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.relay.HoldingHandler;
import org.tlsuplift.proxy.session.CloseReason;
import org.tlsuplift.proxy.session.HostPort;
import org.tlsuplift.proxy.session.OriginHandshake;
import org.tlsuplift.proxy.session.TlsParameters;
import org.tlsuplift.proxy.tls.AgreedParameters;
import org.tlsuplift.proxy.tls.OriginFailures;
import org.tlsuplift.proxy.tls.OriginIdentity;
import org.tlsuplift.proxy.tls.OriginIdentitySource;
import org.tlsuplift.proxy.tls.TlsContexts;

/**
 * Reaches origins: resolves, races the addresses, and for a bridge verifies the origin over TLS 1.2
 * or 1.3.
 *
 * <p>Everything of one session happens on that session's event loop. What fails, fails with an
 * {@link OriginUnavailableException}. Cancelling a future closes whatever it has opened.
 * Thread-safe.
 */
public final class UpstreamConnector {
  private final UpstreamSpec spec;
  private final TlsContexts contexts;
  private final Class<? extends SocketChannel> channelType;
  private final AddressResolverGroup<InetSocketAddress> resolvers;
  private final Predicate<InetSocketAddress> isSelf;
  private final Map<String, OriginIdentitySource> identities;

  /**
   * A connector.
   *
   * @param isSelf tells the proxy's own listening addresses, which are never dialled
   * @param identities what can be presented to origins, by the names that routes use
   */
  public UpstreamConnector(
      UpstreamSpec spec,
      TlsContexts contexts,
      Class<? extends SocketChannel> channelType,
      AddressResolverGroup<InetSocketAddress> resolvers,
      Predicate<InetSocketAddress> isSelf,
      List<OriginIdentitySource> identities) {
    this.spec = spec;
    this.contexts = contexts;
    this.channelType = channelType;
    this.resolvers = resolvers;
    this.isSelf = isSelf;
    this.identities =
        identities.stream()
            .collect(Collectors.toUnmodifiableMap(OriginIdentitySource::name, Function.identity()));
  }

  /** Connects without TLS of ours, for a tunnel. */
  public Future<OriginConnection> connect(EventLoop loop, HostPort address) {
    Promise<OriginConnection> promise = loop.newPromise();
    dial(loop, address, promise, channel -> succeed(promise, channel, null));
    return promise;
  }

  /**
   * Connects and completes a verified TLS handshake.
   *
   * @param serverName sent as SNI and looked for in the certificate
   * @param applicationProtocols ALPN names to offer; empty for none
   * @param clientCertificate the name of what to present if the origin asks, or null for nothing
   * @throws IllegalArgumentException when nothing is known by that name
   */
  public Future<OriginConnection> connectTls(
      EventLoop loop,
      HostPort address,
      String serverName,
      List<String> applicationProtocols,
      @Nullable String clientCertificate) {
    OriginIdentitySource identity = identity(clientCertificate);
    Promise<OriginConnection> promise = loop.newPromise();
    dial(
        loop,
        address,
        promise,
        channel ->
            handshake(
                channel,
                serverName,
                address,
                applicationProtocols,
                identity == null ? null : identity.current(),
                promise));
    return promise;
  }

  private @Nullable OriginIdentitySource identity(@Nullable String name) {
    OriginIdentitySource source = name == null ? null : identities.get(name);
    if (name != null && source == null) {
      throw new IllegalArgumentException("no client certificate is called '" + name + "'");
    }
    return source;
  }

  private void dial(
      EventLoop loop,
      HostPort address,
      Promise<OriginConnection> promise,
      Consumer<Channel> connected) {
    Future<List<InetSocketAddress>> resolution =
        resolvers
            .getResolver(loop)
            .resolveAll(InetSocketAddress.createUnresolved(address.host(), address.port()));
    Future<?> timer =
        loop.schedule(
            () -> fail(promise, CloseReason.ORIGIN_UNRESOLVED, address, "no DNS answer in time"),
            spec.resolveTimeout().toMillis(),
            TimeUnit.MILLISECONDS);
    promise.addListener(done -> timer.cancel(false));
    resolution.addListener(
        done -> {
          timer.cancel(false);
          if (!resolution.isSuccess()) {
            fail(
                promise,
                CloseReason.ORIGIN_UNRESOLVED,
                address,
                String.valueOf(resolution.cause().getMessage()));
          } else if (!promise.isDone()) {
            race(loop, address, resolution.getNow(), promise, connected);
          }
        });
  }

  private void race(
      EventLoop loop,
      HostPort address,
      List<InetSocketAddress> addresses,
      Promise<OriginConnection> promise,
      Consumer<Channel> connected) {
    if (addresses.isEmpty()) {
      fail(promise, CloseReason.ORIGIN_UNRESOLVED, address, "the name has no address");
      return;
    }
    if (addresses.stream().anyMatch(isSelf)) {
      fail(promise, CloseReason.LOOP, address, "this is the proxy itself");
      return;
    }
    Future<Channel> race = AddressRace.start(bootstrap(loop), loop, addresses);
    promise.addListener(
        done -> {
          if (promise.isCancelled()) {
            race.cancel(false);
          }
        });
    race.addListener(
        done -> {
          if (race.isSuccess()) {
            connected.accept(race.getNow());
          } else if (!race.isCancelled()) {
            fail(
                promise,
                CloseReason.ORIGIN_UNREACHABLE,
                address,
                String.valueOf(race.cause().getMessage()));
          }
        });
  }

  private void handshake(
      Channel channel,
      String serverName,
      HostPort address,
      List<String> applicationProtocols,
      @Nullable OriginIdentity identity,
      Promise<OriginConnection> promise) {
    long started = System.nanoTime();
    SslHandler tls =
        contexts.originate(
            channel.alloc(),
            serverName,
            address.port(),
            applicationProtocols,
            identity,
            spec.handshakeTimeout());
    channel.pipeline().addBefore(UpstreamInitializer.HOLD, UpstreamInitializer.TLS, tls);
    promise.addListener(
        done -> {
          if (promise.isCancelled()) {
            var unused = channel.close();
          }
        });
    tls.handshakeFuture()
        .addListener(
            done -> {
              Duration elapsed = Duration.ofNanos(System.nanoTime() - started);
              if (done.isSuccess()) {
                TlsParameters agreed = AgreedParameters.of(tls);
                succeed(promise, channel, new OriginHandshake(null, agreed, elapsed));
              } else {
                OriginFailures failure = OriginFailures.of(done.cause(), identity);
                var unused = channel.close();
                promise.tryFailure(
                    new OriginUnavailableException(
                        failure.reason(),
                        address + ": " + failure.detail(),
                        new OriginHandshake(failure.reason(), null, elapsed)));
              }
            });
  }

  private static void succeed(
      Promise<OriginConnection> promise, Channel channel, @Nullable OriginHandshake handshake) {
    // Only now: before, the end of the stream must end the handshake too.
    channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
    HoldingHandler hold = channel.pipeline().get(HoldingHandler.class);
    if (!promise.trySuccess(new OriginConnection(channel, handshake, hold))) {
      var unused = channel.close();
    }
  }

  private static void fail(
      Promise<OriginConnection> promise, CloseReason reason, HostPort address, String why) {
    promise.tryFailure(new OriginUnavailableException(reason, address + ": " + why, null));
  }

  private Bootstrap bootstrap(EventLoop loop) {
    return new Bootstrap()
        .group(loop)
        .channel(channelType)
        // The listeners' too.
        .option(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
        .option(ChannelOption.AUTO_READ, false)
        .option(ChannelOption.TCP_NODELAY, true)
        .option(ChannelOption.SO_KEEPALIVE, true)
        .option(
            ChannelOption.CONNECT_TIMEOUT_MILLIS, Math.toIntExact(spec.connectTimeout().toMillis()))
        .handler(new UpstreamInitializer());
  }
}
