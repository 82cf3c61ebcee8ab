package org.tlsuplift.proxy.upstream;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.SocketChannel;
import io.netty.resolver.AddressResolverGroup;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.tlsuplift.proxy.session.CloseReason;
import org.tlsuplift.proxy.session.HostPort;

/** Resolves an origin's name and connects to the first of its addresses that answers. */
final class OriginDial {
  private final UpstreamSpec spec;
  private final Class<? extends SocketChannel> channelType;
  private final AddressResolverGroup<InetSocketAddress> resolvers;
  private final Predicate<InetSocketAddress> isSelf;
  private final OwnConnections own = new OwnConnections();

  OriginDial(
      UpstreamSpec spec,
      Class<? extends SocketChannel> channelType,
      AddressResolverGroup<InetSocketAddress> resolvers,
      Predicate<InetSocketAddress> isSelf) {
    this.spec = spec;
    this.channelType = channelType;
    this.resolvers = resolvers;
    this.isSelf = isSelf;
  }

  /**
   * Connects; the channel lives on this loop and does not read by itself.
   *
   * @return fails with an {@link OriginUnavailableException}; cancelling it closes all attempts
   */
  Future<Channel> dial(EventLoop loop, HostPort address) {
    Promise<Channel> promise = loop.newPromise();
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
            race(loop, address, resolution.getNow(), promise);
          }
        });
    return promise;
  }

  /** The connections that were dialled and are open. */
  OwnConnections own() {
    return own;
  }

  private void race(
      EventLoop loop,
      HostPort address,
      List<InetSocketAddress> addresses,
      Promise<Channel> promise) {
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
            own.add(race.getNow());
            if (!promise.trySuccess(race.getNow())) {
              var unused = race.getNow().close();
            }
          } else if (!race.isCancelled()) {
            fail(
                promise,
                CloseReason.ORIGIN_UNREACHABLE,
                address,
                String.valueOf(race.cause().getMessage()));
          }
        });
  }

  private static void fail(
      Promise<Channel> promise, CloseReason reason, HostPort address, String why) {
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
