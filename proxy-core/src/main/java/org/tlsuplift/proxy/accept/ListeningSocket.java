package org.tlsuplift.proxy.accept;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.unix.IntegerUnixChannelOption;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.context.ListenerSpec;
import org.tlsuplift.proxy.relay.Relay;

/** The socket of one port. It may outlive its listener's settings, which a reload changes. */
final class ListeningSocket {
  /**
   * As many connections as the system lets wait: the kernel lowers it to its own limit, such as
   * net.core.somaxconn. Old kernels use 16 bits of it.
   */
  private static final int BACKLOG = 65_535;

  // Netty's own options do not suit UringServerSocket, because IoUringServerSocketChannelConfig
  // casts its channel. Values of Linux, in socket.h and in.h. Delete with UringServerSocket.
  private static final ChannelOption<Integer> REUSE_PORT =
      new IntegerUnixChannelOption("SO_REUSEPORT", 1, 15);
  private static final ChannelOption<Integer> TRANSPARENT =
      new IntegerUnixChannelOption("IP_TRANSPARENT", 0, 19);

  /** The settings when the socket was opened. */
  private final ListenerSpec spec;

  private final InetSocketAddress wanted;
  private final Channel channel;

  /** Whether another process, such as systemd, bound the socket. */
  private final boolean inherited;

  private ListeningSocket(
      ListenerSpec spec, InetSocketAddress wanted, Channel channel, boolean inherited) {
    this.spec = spec;
    this.wanted = wanted;
    this.channel = channel;
    this.inherited = inherited;
  }

  /**
   * Opens a socket for one address with all its options, and does not bind it. Blocks; not for
   * event loops.
   *
   * @param listening a socket that listens on this address already, or null to open one; its
   *     options belong to the process that opened it
   * @throws BindFailedException when the system refuses the socket; the message has the cause
   */
  static ListeningSocket open(
      ListenerSpec spec,
      InetSocketAddress address,
      @Nullable ServerSocketChannel listening,
      Transport transport,
      EventLoopGroup loops,
      SessionRegistry registry)
      throws BindFailedException {
    ServerBootstrap bootstrap =
        new ServerBootstrap()
            .group(loops)
            .channelFactory(
                listening == null ? channels(spec, address, transport) : () -> listening)
            .option(ChannelOption.AUTO_READ, false)
            // A download takes some 4 % less CPU than with Netty's default, which allocates and
            // clears new chunks while it reads (proxy-server/src/bench).
            .childOption(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
            .childOption(ChannelOption.RECVBUF_ALLOCATOR, Relay.READS)
            .childOption(ChannelOption.SO_KEEPALIVE, true)
            .childHandler(new DownstreamInitializer(ListenAddress.of(spec, address), registry));
    if (listening == null) {
      bootstrap.option(ChannelOption.SO_BACKLOG, BACKLOG).option(ChannelOption.SO_REUSEADDR, true);
      if (spec.reusePort()) {
        bootstrap.option(REUSE_PORT, 1);
      }
    }
    ChannelFuture opened = bootstrap.register().awaitUninterruptibly();
    if (!opened.isSuccess()) {
      throw new BindFailedException(spec, address, opened.cause());
    }
    return new ListeningSocket(spec, address, opened.channel(), listening != null);
  }

  /** Sets the transparent option itself, because the bootstrap only logs an option that fails. */
  private static ChannelFactory<ServerSocketChannel> channels(
      ListenerSpec spec, InetSocketAddress address, Transport transport) {
    ChannelFactory<ServerSocketChannel> plain = transport.serverChannels(address.getAddress());
    if (!spec.needsTransparentSocket()) {
      return plain;
    }
    if (!transport.knowsRedirection()) {
      throw new IllegalArgumentException(
          "transport '"
              + transport.label()
              + "' does not support redirected devices; use 'epoll' or 'io_uring'");
    }
    return () -> {
      ServerSocketChannel channel = plain.newChannel();
      channel.config().setOption(TRANSPARENT, 1);
      return channel;
    };
  }

  /**
   * Binds the socket, unless it listens already. The kernel queues connections, and none is
   * accepted. Blocks; not for event loops.
   *
   * @throws BindFailedException when the address cannot be bound; the message has the cause
   */
  void bind() throws BindFailedException {
    if (!inherited) {
      ChannelFuture bound = channel.bind(wanted).awaitUninterruptibly();
      if (!bound.isSuccess()) {
        throw new BindFailedException(spec, wanted, bound.cause());
      }
    }
    // After Netty's own handler, which pauses for a second after a failure.
    channel.pipeline().addLast(new AcceptFailures("listener " + spec.name()));
  }

  void accept() {
    channel.config().setAutoRead(true);
  }

  /** Whether another process bound the socket. */
  boolean inherited() {
    return inherited;
  }

  /** The settings when the socket was opened. */
  ListenerSpec spec() {
    return spec;
  }

  /** The configured address; its port may be 0. */
  InetSocketAddress wanted() {
    return wanted;
  }

  ListenAddress listenAddress() {
    return ListenAddress.of(spec, wanted);
  }

  /** The bound address, with the port that the kernel chose. */
  InetSocketAddress address() {
    return (InetSocketAddress) channel.localAddress();
  }

  /**
   * Checks that other settings need the same options of the socket, which cannot change.
   *
   * @throws BindFailedException if they need others
   */
  void requireOptionsOf(ListenerSpec other) throws BindFailedException {
    if (other.reusePort() != spec.reusePort()) {
      throw BindFailedException.changedOption(other, wanted, "reusePort");
    }
    if (other.needsTransparentSocket() != spec.needsTransparentSocket()) {
      throw BindFailedException.changedOption(other, wanted, "transparent");
    }
  }

  /** Stops accepting; its sessions continue. */
  ChannelFuture close() {
    return channel.close();
  }
}
