package org.tlsuplift.proxy.listener;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.unix.UnixChannelOption;
import java.net.InetSocketAddress;
import org.tlsuplift.proxy.negotiate.TargetPolicy;

/** One bound port; a specification with several addresses makes several of them. */
public final class Listener {
  private static final int BACKLOG = 1024;

  private final ListenerSpec spec;
  private final Channel channel;

  private Listener(ListenerSpec spec, Channel channel) {
    this.spec = spec;
    this.channel = channel;
  }

  /**
   * Binds to one of its addresses and starts to accept. Blocks until bound; not for event loops.
   *
   * @throws BindFailedException when the address cannot be bound; the message says why
   */
  public static Listener bind(
      ListenerSpec spec,
      InetSocketAddress address,
      Transport transport,
      EventLoopGroup loops,
      Door door,
      TargetPolicy policy)
      throws BindFailedException {
    ServerBootstrap bootstrap =
        new ServerBootstrap()
            .group(loops)
            .channelFactory(channels(spec, address, transport))
            .option(ChannelOption.SO_BACKLOG, BACKLOG)
            .option(ChannelOption.SO_REUSEADDR, true)
            // A download takes some 4 % less CPU than with Netty's default, which allocates and
            // clears new chunks while it reads (proxy-server/bench).
            .childOption(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childOption(ChannelOption.SO_KEEPALIVE, true)
            .childHandler(new DownstreamInitializer(spec, door, policy));
    if (spec.reusePort()) {
      bootstrap.option(UnixChannelOption.SO_REUSEPORT, true);
    }
    ChannelFuture bound = bootstrap.bind(address).awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw new BindFailedException(spec, address, bound.cause());
    }
    return new Listener(spec, bound.channel());
  }

  /**
   * An option that cannot be set is only logged by the bootstrap; here it is a listener that cannot
   * be.
   */
  private static ChannelFactory<ServerSocketChannel> channels(
      ListenerSpec spec, InetSocketAddress address, Transport transport) {
    ChannelFactory<ServerSocketChannel> plain = transport.serverChannels(address.getAddress());
    if (!(spec.accept() instanceof Accept.Transparent transparent)
        || !transparent.redirection().needsTransparentSocket()) {
      return plain;
    }
    ChannelOption<Boolean> option =
        transport
            .transparent()
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "'" + transport.label() + "' cannot tell where redirected devices go"));
    return () -> {
      ServerSocketChannel channel = plain.newChannel();
      channel.config().setOption(option, true);
      return channel;
    };
  }

  /** What it was bound for. */
  public ListenerSpec spec() {
    return spec;
  }

  /** Where it listens, with the port that was taken. */
  public InetSocketAddress address() {
    return (InetSocketAddress) channel.localAddress();
  }

  /** Stops to accept; sessions go on. Blocks until the port is free; not for event loops. */
  public void stopAccepting() {
    channel.close().awaitUninterruptibly();
  }
}
