package org.tlsuplift.proxy.upstream.dial;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequestEncoder;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.Explanation;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.negotiate.ForwardedHeaders;
import org.tlsuplift.proxy.negotiate.PlainRequest;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.route.UpstreamProxy;

/**
 * Sends one plain HTTP request, reads the response head, and passes the body on unchanged.
 *
 * <p>The handler is on the origin's channel, before {@link UpstreamInitializer#HOLD}. Runs on one
 * event loop.
 */
public final class HttpExchange extends ChannelInboundHandlerAdapter {
  private static final String ENCODER = "http-encoder";
  private static final String DECODER = "http-decoder";
  private static final String EXCHANGE = "http-exchange";

  /** In bytes, for the status line and for the fields. Some sites set cookies of 40 KiB. */
  private static final int MAX_HEAD = 64 * 1024;

  private static final int FIRST_STATUS = 100;
  private static final int LAST_STATUS = 999;

  private final HostPort address;
  private final @Nullable UpstreamProxy sender;
  private final Promise<ForwardedResponse> answer;
  private @Nullable HttpResponse head;

  private HttpExchange(
      HostPort address, @Nullable UpstreamProxy sender, Promise<ForwardedResponse> answer) {
    this.address = address;
    this.sender = sender;
    this.answer = answer;
  }

  /**
   * Sends the request on a connected channel.
   *
   * @param sender the upstream proxy that the channel is connected to, or null for the origin
   * @param answer gets the response; fails with an {@link OriginUnavailableException}; cancelling
   *     it closes the channel
   * @param timeout the limit until the response head is complete
   */
  public static void start(
      Channel channel,
      PlainRequest request,
      @Nullable UpstreamProxy sender,
      Promise<ForwardedResponse> answer,
      Duration timeout) {
    HttpExchange exchange = new HttpExchange(request.target(), sender, answer);
    channel
        .pipeline()
        .addBefore(UpstreamInitializer.HOLD, ENCODER, new HttpRequestEncoder())
        .addBefore(
            UpstreamInitializer.HOLD,
            DECODER,
            new HttpResponseDecoder(
                new HttpDecoderConfig()
                    .setMaxInitialLineLength(MAX_HEAD)
                    .setMaxHeaderSize(MAX_HEAD)))
        .addBefore(UpstreamInitializer.HOLD, EXCHANGE, exchange);
    Future<?> timer =
        channel
            .eventLoop()
            .schedule(
                () -> exchange.fail(CloseReason.ORIGIN_PROTOCOL_ERROR, "no response in time", true),
                timeout.toMillis(),
                TimeUnit.MILLISECONDS);
    answer.addListener(
        done -> {
          timer.cancel(false);
          if (!answer.isSuccess()) {
            var unused = channel.close();
          }
        });
    channel
        .writeAndFlush(sender == null ? request.message() : toProxy(request.message(), sender))
        .addListener(
            sent -> {
              if (!sent.isSuccess()) {
                exchange.broken(sent.cause());
              }
            });
    channel.config().setAutoRead(true);
  }

  /**
   * Changes a request to the form for a proxy: absolute-form (RFC 9112 section 3.2.2), and Basic
   * authentication (RFC 7617).
   */
  public static FullHttpRequest toProxy(FullHttpRequest message, UpstreamProxy sender) {
    message.setUri("http://" + message.headers().get(HttpHeaderNames.HOST) + message.uri());
    UpstreamProxy.Credentials credentials = sender.credentials();
    if (credentials != null) {
      byte[] both =
          (credentials.user() + ":" + credentials.password()).getBytes(StandardCharsets.UTF_8);
      message
          .headers()
          .set("Proxy-Authorization", "Basic " + Base64.getEncoder().encodeToString(both));
    }
    return message;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (head != null && message instanceof ByteBuf) {
      ctx.fireChannelRead(message);
      return;
    }
    try {
      if (head == null && !answer.isDone() && message instanceof HttpResponse response) {
        read(ctx, response);
      }
    } finally {
      ReferenceCountUtil.release(message);
    }
  }

  private void read(ChannelHandlerContext ctx, HttpResponse response) {
    if (response.decoderResult().cause() instanceof TooLongFrameException) {
      fail(
          CloseReason.ORIGIN_PROTOCOL_ERROR,
          "the response head is longer than " + MAX_HEAD + " bytes",
          false);
    } else if (response.decoderResult().isFailure()
        || response.status().code() < FIRST_STATUS
        || response.status().code() > LAST_STATUS
        || response.status().equals(HttpResponseStatus.SWITCHING_PROTOCOLS)) {
      fail(CloseReason.ORIGIN_PROTOCOL_ERROR, "the response is not HTTP", false);
    } else if (sender != null
        && response.status().equals(HttpResponseStatus.PROXY_AUTHENTICATION_REQUIRED)) {
      // Do not forward it: the credentials are the proxy's, not the device's.
      fail(
          CloseReason.VIA_REFUSED,
          UpstreamProxyFailure.ofPlainRequest(sender, response.headers()),
          false);
    } else if (response.status().codeClass() != HttpStatusClass.INFORMATIONAL) {
      take(ctx, response);
    }
    // Other informational responses are dropped: the proxy has answered 'Expect' itself.
  }

  private void take(ChannelHandlerContext ctx, HttpResponse response) {
    head = response;
    // Before the next read, because the end of the stream may follow. It closes only one direction.
    ctx.channel().config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
    ctx.channel().config().setAutoRead(false);
    // While this handler is still there: it passes the decoder's remaining bytes on, and drops its
    // LastHttpContent.
    ctx.pipeline().remove(DECODER);
    ctx.executor().execute(() -> hand(ctx, response));
  }

  private void hand(ChannelHandlerContext ctx, HttpResponse response) {
    Channel channel = ctx.channel();
    if (channel.isActive()) {
      channel.pipeline().remove(this);
      channel.pipeline().remove(ENCODER);
    }
    HttpResponse rewritten = ForwardedHeaders.rewritten(response);
    if (!answer.trySuccess(new ForwardedResponse(rewritten, OriginConnection.of(channel, null)))) {
      var unused = channel.close();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    if (head == null) {
      fail(CloseReason.ORIGIN_PROTOCOL_ERROR, "the connection closed before a response", false);
    }
    ctx.fireChannelInactive();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (head == null) {
      broken(cause);
    } else {
      ctx.fireExceptionCaught(cause);
    }
  }

  private void broken(Throwable cause) {
    fail(CloseReason.ORIGIN_RESET, "the connection was lost: " + cause.getMessage(), false);
  }

  private void fail(CloseReason reason, String cause, boolean late) {
    fail(reason, Explanation.of(cause), late);
  }

  private void fail(CloseReason reason, Explanation why, boolean late) {
    answer.tryFailure(new OriginUnavailableException(reason, address, why, null).late(late));
  }
}
