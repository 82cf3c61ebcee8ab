package org.tlsuplift.server.signin.token;

import com.microsoft.aad.msal4j.HttpRequest;
import com.microsoft.aad.msal4j.IHttpResponse;
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

/** One request on its own connection, and a response of at most 256 KiB. */
final class PlatformExchange extends SimpleChannelInboundHandler<FullHttpResponse> {
  private static final int MAX_ANSWER = 256 * 1024;

  private final HostPort platform;
  private final Promise<IHttpResponse> answer;

  private PlatformExchange(HostPort platform, Promise<IHttpResponse> answer) {
    this.platform = platform;
    this.answer = answer;
  }

  private record Answer(int statusCode, Map<String, List<String>> headers, String body)
      implements IHttpResponse {
    @Override
    public String toString() {
      return "status " + statusCode;
    }
  }

  /** Sends the request; on the connection's event loop. */
  static void start(
      OriginConnection connection,
      HostPort platform,
      HttpRequest request,
      Promise<IHttpResponse> answer) {
    ChannelPipeline pipeline = connection.channel().pipeline();
    // A connection that ends without a response fails the request.
    connection.channel().config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, false);
    pipeline
        .addLast("http", new HttpClientCodec())
        .addLast("http-aggregator", new HttpObjectAggregator(MAX_ANSWER))
        .addLast("platform-exchange", new PlatformExchange(platform, answer));
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
        .writeAndFlush(encoded(request, platform))
        .addListener(
            (ChannelFutureListener)
                sent -> {
                  if (!sent.isSuccess()) {
                    answer.tryFailure(sent.cause());
                  }
                });
  }

  private static DefaultFullHttpRequest encoded(HttpRequest request, HostPort platform) {
    byte[] body =
        request.body() == null ? new byte[0] : request.body().getBytes(StandardCharsets.UTF_8);
    DefaultFullHttpRequest encoded =
        new DefaultFullHttpRequest(
            HttpVersion.HTTP_1_1,
            HttpMethod.valueOf(request.httpMethod().name()),
            request.url().getFile(),
            Unpooled.wrappedBuffer(body));
    if (request.headers() != null) {
      request.headers().forEach((name, value) -> encoded.headers().set(name, value));
    }
    encoded
        .headers()
        .set(HttpHeaderNames.HOST, platform.port() == 443 ? platform.host() : platform.toString())
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
    String body = response.content().toString(StandardCharsets.UTF_8).strip();
    if (!body.startsWith("{") || !body.endsWith("}")) {
      // The library would log its content.
      answer.tryFailure(
          new PlatformUnreachableException(
              platform
                  + ": status "
                  + response.status().code()
                  + " without JSON; a proxy on the way may have sent it; check with: tls-uplift probe "
                  + platform,
              headers));
      return;
    }
    answer.trySuccess(new Answer(response.status().code(), headers, body));
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    fail("the connection was closed without a response");
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (cause instanceof TooLongFrameException) {
      // The message quotes the start of the response.
      fail("the response is larger than 256 KiB");
    } else if (cause instanceof PrematureChannelClosureException) {
      fail("the connection was closed during the response");
    } else {
      fail(String.valueOf(cause.getMessage()));
    }
  }

  private void fail(String why) {
    answer.tryFailure(new PlatformUnreachableException(platform + ": " + why));
  }
}
