package org.tlsuplift.server.http;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tlsuplift.server.http.ConnectionQuota.Use;

/**
 * Follows the HTTP codec. Closes a connection whose request head does not arrive in time, or that
 * stays without a request, refuses invalid HTTP, and records what the connection does.
 */
final class RequestGate extends ChannelDuplexHandler {
  private static final Logger log = LoggerFactory.getLogger(RequestGate.class);

  private final ConnectionQuota.Place place;
  private final Duration head;
  private final Duration idle;
  private final Map<String, String> headers;
  private @Nullable Future<?> timer;
  private RequestCheck.@Nullable Fault fault;

  /** Requests without a response so far. */
  private int open;

  /**
   * A gate for one connection.
   *
   * @param head how long the head of a request may take
   * @param idle how long the connection may stay without a request
   * @param headers the headers of every response
   */
  RequestGate(
      ConnectionQuota.Place place, Duration head, Duration idle, Map<String, String> headers) {
    this.place = place;
    this.head = head;
    this.idle = idle;
    this.headers = headers;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext context) {
    limit(context, Use.READING, head);
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    // The codec passes on an incomplete request when the connection has ended.
    if (fault != null || !context.channel().isActive()) {
      ReferenceCountUtil.release(message);
      return;
    }
    if (message instanceof HttpRequest request) {
      stopTimer();
      open++;
      place.use(Use.ANSWERING);
      fault = RequestCheck.fault(request).orElse(null);
      if (fault != null) {
        ReferenceCountUtil.release(message);
        log.atInfo()
            .addKeyValue("address", place.address().getHostAddress())
            .addKeyValue("reason", fault.reason())
            .log("a request at the admin port was refused: it is not valid HTTP");
        refuseInOrder(context, fault);
        return;
      }
    }
    context.fireChannelRead(message);
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    if (place.use() == Use.IDLE) {
      // A part of a request head has arrived.
      limit(context, Use.READING, head);
    }
    context.fireChannelReadComplete();
  }

  @Override
  public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
    boolean interim =
        message instanceof HttpResponse response
            && response.status().codeClass() == HttpStatusClass.INFORMATIONAL;
    var unused = context.write(message, promise);
    if (message instanceof LastHttpContent && !interim && open > 0) {
      open--;
      if (open == 0) {
        limit(context, Use.IDLE, idle);
      } else if (fault != null) {
        refuseInOrder(context, fault);
      }
    }
  }

  /**
   * The codec refuses more than 128 requests without a response, and ends the connection with the
   * next response. TLS ends the connection itself.
   */
  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    if (!(cause instanceof DecoderException)) {
      context.fireExceptionCaught(cause);
    }
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext context) {
    stopTimer();
  }

  /** Sends the refusal after the responses to earlier requests. */
  private void refuseInOrder(ChannelHandlerContext context, RequestCheck.Fault why) {
    if (open > 1) {
      return;
    }
    sendLast(context, headers, why.status(), why.detail());
  }

  /** Sends a line of text, and closes the connection. */
  static void sendLast(
      ChannelHandlerContext context, Map<String, String> headers, int status, String line) {
    FullHttpResponse response =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1,
            HttpResponseStatus.valueOf(status),
            Unpooled.wrappedBuffer((line + "\n").getBytes(StandardCharsets.UTF_8)));
    headers.forEach(response.headers()::set);
    response
        .headers()
        .set(HttpHeaderNames.CONTENT_TYPE, "text/plain; charset=utf-8")
        .set(HttpHeaderNames.CACHE_CONTROL, HttpHeaderValues.NO_STORE)
        .set(HttpHeaderNames.CONTENT_LENGTH, response.content().readableBytes())
        .set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    context.writeAndFlush(response).addListener(ChannelFutureListener.CLOSE);
  }

  /** Closes the connection if it is still in use in this way after the limit. */
  private void limit(ChannelHandlerContext context, Use use, Duration limit) {
    place.use(use);
    stopTimer();
    timer =
        context
            .executor()
            .schedule(
                () -> {
                  if (place.use() == use) {
                    var unused = context.close();
                  }
                },
                limit.toMillis(),
                TimeUnit.MILLISECONDS);
  }

  private void stopTimer() {
    if (timer != null) {
      timer.cancel(false);
      timer = null;
    }
  }
}
