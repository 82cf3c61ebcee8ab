package org.tlsuplift.bench;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.tlsuplift.proxy.Proxy;
import org.tlsuplift.proxy.accept.Transport;
import org.tlsuplift.proxy.context.ListenerSpec;
import org.tlsuplift.proxy.context.PipelineNames;
import org.tlsuplift.server.config.ConfigLoader;
import org.tlsuplift.server.config.LoadedConfig;
import org.tlsuplift.server.mapping.ConfigMapper;
import org.tlsuplift.server.mapping.ResolvedConfig;
import org.tlsuplift.server.mapping.TlsRuntime;

/**
 * The proxy, by a configuration of the daemon, with SMTP listeners whose sessions have the guard,
 * and others whose sessions lack only the guard. All of them are watched as the daemon watches
 * them.
 *
 * <p>Each device's pipeline begins with a handler that waits for the guard, and in the half without
 * the guard removes it before the next bytes of the device are decrypted. Then it removes itself.
 * To reach the pipelines, this class opens the listening sockets, as systemd can.
 */
final class HalfGuarded {
  /** How the names of listeners begin that have no guard. */
  static final String BARE = "bare";

  private static final int BACKLOG = 1024;

  private HalfGuarded() {}

  /**
   * Takes the path of the configuration, and whether any have the guard. Runs until the process is
   * ended.
   */
  public static void main(String[] arguments) throws Exception {
    LoadedConfig loaded = ConfigLoader.load(Path.of(arguments[0]));
    TlsRuntime.prepare(loaded.config());
    TlsRuntime.prove(loaded);
    ResolvedConfig resolved = ConfigMapper.map(loaded);
    if (resolved.transport() != Transport.EPOLL) {
      throw new IllegalStateException(
          "transport: got " + resolved.transport().label() + "; the rows of the guard need epoll");
    }
    boolean guarded = Boolean.parseBoolean(arguments[1]);
    Map<InetSocketAddress, ServerSocketChannel> sockets = new HashMap<>();
    for (ListenerSpec listener : resolved.listeners()) {
      for (InetSocketAddress address : listener.bind()) {
        sockets.put(address, listen(address, guarded && !listener.name().startsWith(BARE)));
      }
    }
    Proxy.prepare(HalfWatched.spec(loaded, resolved, HalfWatched.watching(resolved)), sockets)
        .open();
    new CountDownLatch(1).await();
  }

  private static ServerSocketChannel listen(InetSocketAddress address, boolean guarded)
      throws IOException {
    Socket socket = Socket.newSocketStream();
    socket.setReuseAddress(true);
    socket.bind(address);
    socket.listen(BACKLOG);
    ServerSocketChannel channel = new EpollServerSocketChannel(socket.intValue());
    channel
        .pipeline()
        .addLast(
            new ChannelInboundHandlerAdapter() {
              @Override
              public void channelRead(ChannelHandlerContext ctx, Object accepted) {
                ((Channel) accepted).pipeline().addLast(new UntilGuard(guarded));
                ctx.fireChannelRead(accepted);
              }
            });
    return channel;
  }

  private static final class UntilGuard extends ChannelInboundHandlerAdapter {
    private final boolean guarded;

    UntilGuard(boolean guarded) {
      this.guarded = guarded;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object bytes) {
      ChannelHandler guard = ctx.pipeline().get(PipelineNames.GUARD);
      if (guard != null) {
        if (!guarded) {
          ctx.pipeline().remove(guard);
        }
        ctx.pipeline().remove(this);
      }
      ctx.fireChannelRead(bytes);
    }
  }
}
