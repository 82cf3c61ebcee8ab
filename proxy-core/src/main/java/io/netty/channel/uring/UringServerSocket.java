package io.netty.channel.uring;

import io.netty.channel.Channel;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.ServerSocketChannelConfig;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A server channel of io_uring for sockets that {@link IoUringServerSocketChannel} cannot have: of
 * IPv4 only, so that 0.0.0.0 does not accept IPv6, or opened by another process.
 *
 * <p>The class is in this package because Netty 4.2.18 has no public constructor for them, and its
 * superclass and sockets are visible only here. A version of Netty that differs does not compile.
 * The property {@code java.net.preferIPv4Stack} would concern all sockets of the process.
 *
 * <p>Upstream: netty pull request 12270, "Allow explicit choice of internet family", did it for the
 * other transports. To report: "IoUringServerSocketChannel needs constructors with a
 * SocketProtocolFamily and with a descriptor, as EpollServerSocketChannel has."
 *
 * <p>Delete when it has them.
 */
public final class UringServerSocket extends AbstractIoUringServerChannel
    implements ServerSocketChannel {
  private final IoUringServerSocketChannelConfig config;

  private UringServerSocket(LinuxSocket socket, boolean listens) {
    super(socket, listens);
    config = new IoUringServerSocketChannelConfig(this);
  }

  /** A new socket of IPv4. */
  public static UringServerSocket ipv4() {
    return new UringServerSocket(LinuxSocket.newSocketStream(false), false);
  }

  /** A non-blocking socket that listens. The channel closes the descriptor. */
  public static UringServerSocket listening(int descriptor) {
    return new UringServerSocket(new LinuxSocket(descriptor), true);
  }

  @Override
  Channel newChildChannel(int descriptor, @Nullable ByteBuffer peer) {
    return new IoUringSocketChannel(this, new LinuxSocket(descriptor));
  }

  @Override
  public void doBind(SocketAddress address) throws Exception {
    super.doBind(address);
    socket.listen(config.getBacklog());
    active = true;
  }

  @Override
  public ServerSocketChannelConfig config() {
    return config;
  }

  @Override
  public InetSocketAddress localAddress() {
    return (InetSocketAddress) super.localAddress();
  }

  @Override
  public InetSocketAddress remoteAddress() {
    return (InetSocketAddress) super.remoteAddress();
  }
}
