package org.tlsuplift.proxy.accept;

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
import org.tlsuplift.proxy.context.ListenerSpec;
import org.tlsuplift.proxy.negotiate.TargetPolicy;
import org.tlsuplift.proxy.relay.Relay;

/** One port; a specification with several addresses makes several of them. */
public final class Listener {
  private static final int BACKLOG = 1024;

  private final ListenerSpec spec;
  private final InetSocketAddress wanted;
  private final Channel channel;

  private Listener(ListenerSpec spec, InetSocketAddress wanted, Channel channel) {
    this.spec = spec;
    this.wanted = wanted;
    this.channel = channel;
  }

  /**
   * Opens a socket with all its options for one address, which is not bound yet. Blocks; not for
   * event loops.
   *
   * @throws BindFailedException when there is no such socket; the message says why
   */
  static Listener open(
      ListenerSpec spec,
      InetSocketAddress address,
      Transport transport,
      EventLoopGroup loops,
      SessionRegistry registry,
      TargetPolicy policy)
      throws BindFailedException {
    ServerBootstrap bootstrap =
        new ServerBootstrap()
            .group(loops)
            .channelFactory(channels(spec, address, transport))
            .option(ChannelOption.SO_BACKLOG, BACKLOG)
            .option(ChannelOption.SO_REUSEADDR, true)
            .option(ChannelOption.AUTO_READ, false)
            // A download takes some 4 % less CPU than with Netty's default, which allocates and
            // clears new chunks while it reads (proxy-server/src/bench).
            .childOption(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
            .childOption(ChannelOption.RECVBUF_ALLOCATOR, Relay.READS)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childOption(ChannelOption.SO_KEEPALIVE, true)
            .childHandler(new DownstreamInitializer(spec, registry, policy));
    if (spec.reusePort()) {
      bootstrap.option(UnixChannelOption.SO_REUSEPORT, true);
    }
    ChannelFuture opened = bootstrap.register().awaitUninterruptibly();
    if (!opened.isSuccess()) {
      throw new BindFailedException(spec, address, opened.cause());
    }
    return new Listener(spec, address, opened.channel());
  }

  /**
   * An option that cannot be set is only logged by the bootstrap; here it is a listener that cannot
   * be.
   */
  private static ChannelFactory<ServerSocketChannel> channels(
      ListenerSpec spec, InetSocketAddress address, Transport transport) {
    ChannelFactory<ServerSocketChannel> plain = transport.serverChannels(address.getAddress());
    if (!spec.needsTransparentSocket()) {
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

  /**
   * Binds the socket: the kernel queues connections, and none is accepted. Blocks; not for event
   * loops.
   *
   * @throws BindFailedException when the address cannot be bound; the message says why
   */
  void bind() throws BindFailedException {
    ChannelFuture bound = channel.bind(wanted).awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw new BindFailedException(spec, wanted, bound.cause());
    }
    // Behind Netty's own handler, which pauses for a second after a failure.
    channel.pipeline().addLast(new AcceptFailures("listener " + spec.name()));
  }

  /** Starts accepting what comes to the bound port. */
  void accept() {
    channel.config().setAutoRead(true);
  }

  public ListenerSpec spec() {
    return spec;
  }

  /** The address that was asked for, perhaps with port 0. */
  InetSocketAddress wanted() {
    return wanted;
  }

  /** Where it listens, with the port that was taken; once it is bound. */
  public InetSocketAddress address() {
    return (InetSocketAddress) channel.localAddress();
  }

  /** Stops accepting; sessions go on. */
  ChannelFuture close() {
    return channel.close();
  }
}
