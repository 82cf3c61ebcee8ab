package org.tlsuplift.proxy.accept;

import io.netty.channel.ChannelFactory;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ReflectiveChannelFactory;
import io.netty.channel.ServerChannelRecvByteBufAllocator;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.kqueue.KQueue;
import io.netty.channel.kqueue.KQueueDatagramChannel;
import io.netty.channel.kqueue.KQueueIoHandler;
import io.netty.channel.kqueue.KQueueServerSocketChannel;
import io.netty.channel.kqueue.KQueueSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringDatagramChannel;
import io.netty.channel.uring.IoUringServerSocketChannel;
import io.netty.channel.uring.IoUringSocketChannel;
import io.netty.channel.uring.UringServerSocket;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.channels.spi.SelectorProvider;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.tlsuplift.proxy.model.Labelled;
import org.tlsuplift.proxy.netty.EpollHandlers;
import org.tlsuplift.proxy.netty.EventLoops;
import org.tlsuplift.proxy.netty.UringHandlers;
import org.tlsuplift.proxy.netty.UringProbe;

/** The system interface that polls sockets: native on Linux and macOS, Java NIO everywhere. */
public enum Transport implements Labelled {
  EPOLL(
      Epoll::isAvailable,
      EpollHandlers::new,
      EpollServerSocketChannel.class,
      EpollSocketChannel.class,
      EpollDatagramChannel.class),
  /** Linux io_uring: a tenth less CPU for a handshake, but forbidden in many containers. */
  IO_URING(
      IoUring::isAvailable,
      UringHandlers::new,
      IoUringServerSocketChannel.class,
      IoUringSocketChannel.class,
      IoUringDatagramChannel.class),
  KQUEUE(
      KQueue::isAvailable,
      KQueueIoHandler::newFactory,
      KQueueServerSocketChannel.class,
      KQueueSocketChannel.class,
      KQueueDatagramChannel.class),
  NIO(
      () -> true,
      NioIoHandler::newFactory,
      NioServerSocketChannel.class,
      NioSocketChannel.class,
      NioDatagramChannel.class);

  /**
   * Netty retries a failed multishot accept at once and without end, so with too many open files it
   * would block an event loop. A plain accept waits for a second (seen in 4.2.18).
   *
   * <p>To report: "With io_uring, a multishot accept that fails, such as with EMFILE, is armed
   * again in channelReadComplete, before ServerBootstrap switches auto-read off." Delete when a
   * multishot accept waits too (OpenFilesTest).
   */
  private static final String MULTISHOT_ACCEPT = "io.netty.iouring.acceptMultiShotEnabled";

  /** They take some 20 ms, for which the sessions under way wait. */
  private static final int ACCEPTS_PER_ROUND = 256;

  static {
    if (System.getProperty(MULTISHOT_ACCEPT) == null) {
      System.setProperty(MULTISHOT_ACCEPT, "false");
    }
  }

  // Both are method references without state.
  @SuppressWarnings("ImmutableEnumChecker")
  private final BooleanSupplier available;

  @SuppressWarnings("ImmutableEnumChecker")
  private final Supplier<IoHandlerFactory> handlers;

  private final Class<? extends ServerSocketChannel> serverChannel;
  private final Class<? extends SocketChannel> channel;
  private final Class<? extends DatagramChannel> datagramChannel;

  Transport(
      BooleanSupplier available,
      Supplier<IoHandlerFactory> handlers,
      Class<? extends ServerSocketChannel> serverChannel,
      Class<? extends SocketChannel> channel,
      Class<? extends DatagramChannel> datagramChannel) {
    this.available = available;
    this.handlers = handlers;
    this.serverChannel = serverChannel;
    this.channel = channel;
    this.datagramChannel = datagramChannel;
  }

  /** The best transport of this machine without a trial. */
  public static Transport best() {
    return List.of(EPOLL, KQUEUE, NIO).stream()
        .filter(Transport::isAvailable)
        .findFirst()
        .orElse(NIO);
  }

  /**
   * Tries io_uring by an exchange on loopback, which takes some milliseconds. Up to three attempts
   * have two seconds each. Blocks; not for event loops.
   *
   * @return the reason if it does not work here; empty if it does
   */
  public static Optional<Throwable> uringFailure() {
    return UringProbe.failure(
        () -> IO_URING.newEventLoops(1), IO_URING.serverChannels(InetAddress.getLoopbackAddress()));
  }

  public boolean isAvailable() {
    return available.getAsBoolean();
  }

  /** Whether several processes can listen on one port and the kernel distributes connections. */
  public boolean sharesPorts() {
    return this == EPOLL || this == IO_URING;
  }

  /** Starts event loops; the caller must call {@code shutdownGracefully}. */
  public EventLoopGroup newEventLoops(int threads) {
    return new EventLoops(threads, "uplift-" + label(), handlers.get());
  }

  /**
   * Makes listening channels.
   *
   * <p>An IPv4 address gets an IPv4 socket; otherwise 0.0.0.0 would accept IPv6 too. kqueue has no
   * such socket and accepts both.
   */
  ChannelFactory<ServerSocketChannel> serverChannels(InetAddress bind) {
    if (!(bind instanceof Inet4Address)) {
      return this == EPOLL
          ? () -> accepting(new EpollServerSocketChannel())
          : new ReflectiveChannelFactory<>(serverChannel);
    }
    return switch (this) {
      case EPOLL -> () -> accepting(new EpollServerSocketChannel(SocketProtocolFamily.INET));
      case IO_URING -> UringServerSocket::ipv4;
      case KQUEUE -> KQueueServerSocketChannel::new;
      case NIO ->
          () -> new NioServerSocketChannel(SelectorProvider.provider(), SocketProtocolFamily.INET);
    };
  }

  /**
   * The channel of a non-blocking socket that another process opened, and that listens.
   *
   * @return empty if this transport cannot use it
   */
  public Optional<ServerSocketChannel> listening(int descriptor) {
    return switch (this) {
      case EPOLL -> Optional.of(accepting(new EpollServerSocketChannel(descriptor)));
      case IO_URING -> Optional.of(UringServerSocket.listening(descriptor));
      case KQUEUE, NIO -> Optional.empty();
    };
  }

  /**
   * Netty's epoll takes one connection in each round of the event loop, because it compares the
   * descriptor of the connection with the number of bytes that it expected (seen in 4.2.18). The
   * others would wait in the kernel's queue for all work of the sessions under way.
   *
   * <p>Upstream: netty pull request 11729, "Ensure ServerChannel implementations accept multiple
   * connections per read loop". To report: "With epoll it has no effect, because
   * EpollRecvByteAllocatorHandle.maybeMoreDataToRead compares lastBytesRead, which is a descriptor,
   * with attemptedBytesRead." Delete the respectMaybeMoreData(false) when TransportTest passes
   * without it.
   */
  private static ServerSocketChannel accepting(EpollServerSocketChannel channel) {
    channel
        .config()
        .setRecvByteBufAllocator(
            new ServerChannelRecvByteBufAllocator()
                .respectMaybeMoreData(false)
                .maxMessagesPerRead(ACCEPTS_PER_ROUND));
    return channel;
  }

  /** Whether this transport can find the original destination of a redirected device. */
  public boolean knowsRedirection() {
    return this == EPOLL || this == IO_URING;
  }

  /** The type of connected channels. */
  public Class<? extends SocketChannel> channel() {
    return channel;
  }

  /** The type of channels for DNS. */
  public Class<? extends DatagramChannel> datagramChannel() {
    return datagramChannel;
  }
}
