package org.tlsuplift.proxy.upstream.dial;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.CorruptedFrameException;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.util.concurrent.Promise;
import java.nio.channels.ClosedChannelException;
import org.tlsuplift.proxy.relay.HoldingHandler;

/**
 * Sends one HTTP request on a connection of its own, and reads the whole response into memory. It
 * follows no redirects. The connection closes when the response is complete, the request fails, or
 * the caller completes the promise, for example because of its timeout.
 *
 * <p>Runs on the channel's event loop.
 */
public final class HttpFetch extends SimpleChannelInboundHandler<FullHttpResponse> {
  private final Promise<FullHttpResponse> answer;

  private HttpFetch(Promise<FullHttpResponse> answer) {
    this.answer = answer;
  }

  /**
   * Adds the handlers to a channel; for a channel that is not connected yet.
   *
   * @param maxBytes of the response's body
   * @param answer gets the response, which needs no release. It fails with a {@link
   *     CorruptedFrameException} if the response is not HTTP, a {@link TooLongFrameException} if it
   *     is too large, a {@link ClosedChannelException} if the connection closes first, or another
   *     failure of the channel.
   */
  public static void prepare(Channel channel, int maxBytes, Promise<FullHttpResponse> answer) {
    channel
        .pipeline()
        .addLast("http", new HttpClientCodec())
        .addLast("http-aggregator", new HttpObjectAggregator(maxBytes))
        .addLast("http-fetch", new HttpFetch(answer));
    answer.addListener(
        done -> {
          var unused = channel.close();
        });
  }

  /**
   * Sends the request on a connected channel of a dialer, whose last handler holds the origin's
   * bytes. The parameters are those of {@link #prepare}.
   *
   * @param request without Connection and Content-Length
   */
  public static void start(
      Channel channel, FullHttpRequest request, int maxBytes, Promise<FullHttpResponse> answer) {
    // A connection that ends without a response fails the request.
    channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, false);
    prepare(channel, maxBytes, answer);
    ChannelPipeline pipeline = channel.pipeline();
    HoldingHandler hold = pipeline.get(HoldingHandler.class);
    if (hold != null) {
      pipeline.remove(hold);
    }
    channel.config().setAutoRead(true);
    send(channel, request, answer);
  }

  /** Sends the request on a prepared channel. */
  public static void send(
      Channel channel, FullHttpRequest request, Promise<FullHttpResponse> answer) {
    request.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    if (request.content().isReadable()) {
      HttpUtil.setContentLength(request, request.content().readableBytes());
    }
    channel
        .writeAndFlush(request)
        .addListener(
            sent -> {
              if (!sent.isSuccess()) {
                answer.tryFailure(sent.cause());
              }
            });
  }

  @Override
  protected void channelRead0(ChannelHandlerContext ctx, FullHttpResponse response) {
    if (response.decoderResult().cause() instanceof TooLongFrameException tooLong) {
      answer.tryFailure(tooLong);
    } else if (response.decoderResult().isFailure()) {
      answer.tryFailure(new CorruptedFrameException("the response is not HTTP"));
    } else {
      // The garbage collector frees the copy.
      answer.trySuccess(response.replace(Unpooled.copiedBuffer(response.content())));
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    answer.tryFailure(new ClosedChannelException());
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    answer.tryFailure(cause);
  }
}
