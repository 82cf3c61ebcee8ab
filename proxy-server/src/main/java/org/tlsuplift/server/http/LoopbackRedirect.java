package org.tlsuplift.server.http;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.tlsuplift.proxy.outcome.OperatorException;

/**
 * Receives the redirect of a browser on this machine (RFC 8252 section 7.3), on one free port of
 * both loopback addresses, because a browser may use either for {@code localhost}, and another
 * program must not have the other one. Bounds connections, their duration, and the size of
 * requests.
 *
 * <p>MSAL4J's own listener reads bodies without a limit, and any first request ends the sign-in.
 */
public final class LoopbackRedirect implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(10);
  private static final int MAX_CONNECTIONS = 16;
  private static final int MAX_REQUEST_LINE = 16 * 1024;

  /** With the cookies of everything else that runs at localhost. */
  private static final int MAX_HEADERS = 64 * 1024;

  private static final int ATTEMPTS = 3;

  private final EventLoopGroup loop =
      new MultiThreadIoEventLoopGroup(
          1, new DefaultThreadFactory("redirect", true), NioIoHandler.newFactory());
  private final ChannelGroup connections = new DefaultChannelGroup(loop.next());
  private final ChannelGroup servers = new DefaultChannelGroup(loop.next());
  private final int port;
  private volatile Predicate<String> receiver = target -> false;

  private LoopbackRedirect() throws OperatorException {
    ServerBootstrap bootstrap =
        new ServerBootstrap()
            .group(loop)
            .channel(NioServerSocketChannel.class)
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    connected(channel);
                  }
                });
    port = bind(bootstrap);
  }

  /**
   * Binds the port. Blocks; not for event loops.
   *
   * @throws OperatorException if the loopback address has no free port
   */
  public static LoopbackRedirect open() throws OperatorException {
    return new LoopbackRedirect();
  }

  private int bind(ServerBootstrap bootstrap) throws OperatorException {
    for (int attempt = 1; ; attempt++) {
      ChannelFuture first = bind(bootstrap, NetUtil.LOCALHOST4, 0);
      if (!first.isSuccess()) {
        close();
        throw new OperatorException(
            "no port of 127.0.0.1 can be opened for the browser (" + first.cause() + ")");
      }
      int free = ((InetSocketAddress) first.channel().localAddress()).getPort();
      if (bind(bootstrap, NetUtil.LOCALHOST6, free).isSuccess() || attempt == ATTEMPTS) {
        return free;
      }
      first.channel().close().awaitUninterruptibly();
    }
  }

  private ChannelFuture bind(ServerBootstrap bootstrap, InetAddress address, int port) {
    ChannelFuture bound = bootstrap.bind(address, port).awaitUninterruptibly();
    if (bound.isSuccess()) {
      servers.add(bound.channel());
    }
    return bound;
  }

  private void connected(Channel channel) {
    if (connections.size() >= MAX_CONNECTIONS) {
      cut(channel);
      return;
    }
    connections.add(channel);
    var unused =
        channel.eventLoop().schedule(() -> cut(channel), LIMIT.toMillis(), TimeUnit.MILLISECONDS);
    channel
        .pipeline()
        .addLast(
            new HttpServerCodec(
                new HttpDecoderConfig()
                    .setMaxInitialLineLength(MAX_REQUEST_LINE)
                    .setMaxHeaderSize(MAX_HEADERS)))
        .addLast(new Exchange());
  }

  private static void cut(Channel channel) {
    var unused = channel.close();
  }

  /** Where browsers go. */
  public String uri() {
    return "http://localhost:" + port;
  }

  /**
   * Starts passing on the targets of requests: path and query.
   *
   * @param target whether the request is the expected one; fast, called on the event loop
   */
  public void receive(Predicate<String> target) {
    receiver = target;
  }

  /** Ends all connections. A response that is being sent gets a moment. */
  @Override
  public void close() {
    if (!loop.isShuttingDown()) {
      servers.close().awaitUninterruptibly(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
    }
    loop.shutdownGracefully(0, 2, TimeUnit.SECONDS)
        .awaitUninterruptibly(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** The only request of a connection. */
  private final class Exchange extends SimpleChannelInboundHandler<HttpObject> {
    private boolean answered;

    @Override
    protected void channelRead0(ChannelHandlerContext context, HttpObject message) {
      if (message instanceof HttpRequest request && !answered) {
        answered = true;
        answer(context, request);
      }
    }

    private void answer(ChannelHandlerContext context, HttpRequest request) {
      if (RequestCheck.fault(request).isPresent()) {
        send(context, 400, "This is not a request of a browser.");
      } else if (!request.method().equals(HttpMethod.GET)) {
        send(context, 405, "Only GET is allowed.");
      } else if (!RequestReader.path(request.uri()).equals("/")) {
        send(context, 404, "There is no such page.");
      } else if (receiver.test(request.uri())) {
        send(context, 200, "Return to the terminal: it shows the result. You can close this page.");
      } else {
        send(
            context,
            400,
            "This is not the sign-in that the terminal waits for. Open the address in the terminal again.");
      }
    }

    private void send(ChannelHandlerContext context, int status, String line) {
      RequestGate.sendLast(context, AdminServer.SecurityHeaders.all(false), status, line);
    }

    /** Logs nothing: the message may quote the request. */
    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      var unused = context.close();
    }
  }
}
