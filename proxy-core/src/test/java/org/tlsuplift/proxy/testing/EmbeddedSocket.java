package org.tlsuplift.proxy.testing;

import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelId;
import io.netty.channel.EventLoop;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.DefaultSocketChannelConfig;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.SocketChannelConfig;
import io.netty.util.ReferenceCountUtil;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * A TCP connection without a network: the test is the peer, runs the event loop and sets its clock.
 *
 * <p>The code under test may dial such connections too. They then live on the loop of the device,
 * and {@link #on} finds them there. Public with a public constructor, because Netty creates it by
 * reflection.
 */
public final class EmbeddedSocket extends EmbeddedChannel implements SocketChannel {
  private static final InetSocketAddress LOCAL = new InetSocketAddress("192.0.2.1", 3128);
  private static final InetSocketAddress REMOTE = new InetSocketAddress("192.0.2.9", 40000);

  /** By event loop, because a dial names a type of channel and cannot name a test. */
  private static final Map<EventLoop, List<EmbeddedSocket>> OPENED = new ConcurrentHashMap<>();

  private @Nullable SocketChannelConfig config;
  private boolean inputShutdown;
  private boolean outputShutdown;

  /** A connection that no event loop has registered yet. */
  public EmbeddedSocket() {
    super(DefaultChannelId.newInstance(), false, false);
  }

  /** A connection on its own event loop, whose clock only the test advances. */
  public static EmbeddedSocket connected() throws Exception {
    EmbeddedSocket socket = new EmbeddedSocket();
    socket.register();
    socket.freezeTime();
    return socket;
  }

  /** Another connection on the same event loop. */
  public EmbeddedSocket beside() {
    EmbeddedSocket socket = new EmbeddedSocket();
    var unused = eventLoop().register(socket);
    return socket;
  }

  /** All connections that were ever made on an event loop, in order. */
  public static List<EmbeddedSocket> on(EventLoop loop) {
    return OPENED.getOrDefault(loop, List.of());
  }

  /** Closes all connections on an event loop, and releases what was written to them. */
  public static void closeAll(EventLoop loop) {
    List<EmbeddedSocket> sockets = OPENED.remove(loop);
    if (sockets != null) {
      for (EmbeddedSocket socket : sockets) {
        var unused = socket.close();
      }
      sockets.forEach(EmbeddedChannel::runPendingTasks);
      sockets.forEach(EmbeddedChannel::releaseInbound);
      sockets.forEach(EmbeddedChannel::releaseOutbound);
    }
  }

  @Override
  protected void doRegister() throws Exception {
    super.doRegister();
    OPENED.computeIfAbsent(eventLoop(), loop -> new CopyOnWriteArrayList<>()).add(this);
  }

  @Override
  protected void handleOutboundMessage(Object message) {
    if (outputShutdown) {
      ReferenceCountUtil.release(message);
    } else {
      super.handleOutboundMessage(message);
    }
  }

  @Override
  public SocketChannelConfig config() {
    if (config == null) {
      config = new NoOptions(this);
    }
    return config;
  }

  @Override
  public @Nullable ServerSocketChannel parent() {
    return null;
  }

  @Override
  public InetSocketAddress localAddress() {
    return LOCAL;
  }

  @Override
  public InetSocketAddress remoteAddress() {
    return REMOTE;
  }

  @Override
  public boolean isInputShutdown() {
    return inputShutdown;
  }

  @Override
  public ChannelFuture shutdownInput() {
    return shutdownInput(newPromise());
  }

  @Override
  public ChannelFuture shutdownInput(ChannelPromise promise) {
    inputShutdown = true;
    return promise.setSuccess();
  }

  @Override
  public boolean isOutputShutdown() {
    return outputShutdown;
  }

  @Override
  public ChannelFuture shutdownOutput() {
    return shutdownOutput(newPromise());
  }

  @Override
  public ChannelFuture shutdownOutput(ChannelPromise promise) {
    outputShutdown = true;
    return promise.setSuccess();
  }

  @Override
  public boolean isShutdown() {
    return inputShutdown && outputShutdown;
  }

  @Override
  public ChannelFuture shutdown() {
    return shutdown(newPromise());
  }

  @Override
  public ChannelFuture shutdown(ChannelPromise promise) {
    inputShutdown = true;
    return shutdownOutput(promise);
  }

  /** Ignores options, because there is no system socket. */
  private static final class NoOptions extends DefaultSocketChannelConfig {
    NoOptions(SocketChannel channel) {
      super(channel, new Socket());
    }

    @Override
    public SocketChannelConfig setTcpNoDelay(boolean on) {
      return this;
    }

    @Override
    public SocketChannelConfig setKeepAlive(boolean on) {
      return this;
    }
  }
}
