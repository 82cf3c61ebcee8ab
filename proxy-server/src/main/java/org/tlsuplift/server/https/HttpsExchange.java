package org.tlsuplift.server.https;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.PrematureChannelClosureException;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.concurrent.Promise;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.upstream.dial.OriginConnection;

/** One request on its own connection, and a response of limited size. */
final class HttpsExchange extends SimpleChannelInboundHandler<FullHttpResponse> {
  private final HostPort server;
  private final int maxBytes;
  private final Promise<HttpsResponse> answer;

  private HttpsExchange(HostPort server, int maxBytes, Promise<HttpsResponse> answer) {
    this.server = server;
    this.maxBytes = maxBytes;
    this.answer = answer;
  }

  /** Sends the request; on the connection's event loop. */
  static void start(
      OriginConnection connection,
      HostPort server,
      HttpsRequest request,
      int maxBytes,
      Promise<HttpsResponse> answer) {
    ChannelPipeline pipeline = connection.channel().pipeline();
    // A connection that ends without a response fails the request.
    connection.channel().config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, false);
    pipeline
        .addLast("http", new HttpClientCodec())
        .addLast("http-aggregator", new HttpObjectAggregator(maxBytes))
        .addLast("https-exchange", new HttpsExchange(server, maxBytes, answer));
    if (connection.hold() != null) {
      pipeline.remove(connection.hold());
    }
    answer.addListener(
        done -> {
          var unused = connection.channel().close();
        });
    connection.channel().config().setAutoRead(true);
    connection
        .channel()
        .writeAndFlush(encoded(request, server))
        .addListener(
            (ChannelFutureListener)
                sent -> {
                  if (!sent.isSuccess()) {
                    answer.tryFailure(sent.cause());
                  }
                });
  }

  private static DefaultFullHttpRequest encoded(HttpsRequest request, HostPort server) {
    byte[] body = request.content();
    DefaultFullHttpRequest encoded =
        new DefaultFullHttpRequest(
            HttpVersion.HTTP_1_1,
            HttpMethod.valueOf(request.method()),
            request.target(),
            Unpooled.wrappedBuffer(body));
    request.headers().forEach((name, value) -> encoded.headers().set(name, value));
    encoded
        .headers()
        .set(HttpHeaderNames.HOST, server.port() == 443 ? server.host() : server.toString())
        .set(HttpHeaderNames.CONTENT_LENGTH, body.length)
        .set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    return encoded;
  }

  @Override
  protected void channelRead0(ChannelHandlerContext ctx, FullHttpResponse response) {
    if (response.decoderResult().isFailure()) {
      fail("the response is not HTTP");
      return;
    }
    Map<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    response.headers().names().forEach(name -> headers.put(name, response.headers().getAll(name)));
    answer.trySuccess(
        new HttpsResponse(
            response.status().code(),
            headers,
            response.content().toString(StandardCharsets.UTF_8)));
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    fail("the connection was closed without a response");
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (cause instanceof TooLongFrameException) {
      // The message quotes the start of the response.
      fail("the response is larger than " + maxBytes / 1024 + " KiB");
    } else if (cause instanceof PrematureChannelClosureException) {
      fail("the connection was closed during the response");
    } else {
      fail(String.valueOf(cause.getMessage()));
    }
  }

  private void fail(String why) {
    answer.tryFailure(new HttpsFailedException(server + ": " + why));
  }
}
