package org.tlsuplift.proxy.negotiate;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.nio.charset.StandardCharsets;

/** The HTTP answers of a proxy that only connects. */
final class HttpReplies {
  private static final HttpResponseStatus ESTABLISHED =
      new HttpResponseStatus(200, "Connection established");

  private HttpReplies() {}

  /** Answers 200: TLS may follow. */
  static void establish(ChannelHandlerContext ctx) {
    write(ctx, new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, ESTABLISHED));
  }

  /** Answers with a status and the reason in one line of text, then tells the session. */
  static void refuse(
      ChannelHandlerContext ctx, HttpResponseStatus status, NegotiationRefused refusal) {
    ByteBuf body =
        ByteBufUtil.encodeString(
            ctx.alloc(),
            java.nio.CharBuffer.wrap("TLS Uplift: " + refusal.detail() + "\n"),
            StandardCharsets.UTF_8);
    FullHttpResponse response = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status, body);
    response
        .headers()
        .set(HttpHeaderNames.CONTENT_TYPE, "text/plain; charset=utf-8")
        .setInt(HttpHeaderNames.CONTENT_LENGTH, body.readableBytes())
        .set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    if (status.equals(HttpResponseStatus.METHOD_NOT_ALLOWED)) {
      response.headers().set(HttpHeaderNames.ALLOW, HttpMethod.CONNECT);
    }
    write(ctx, response);
    ctx.fireUserEventTriggered(refusal);
  }

  private static void write(ChannelHandlerContext ctx, FullHttpResponse response) {
    // From the end of the pipeline, so that the encoder is passed wherever the writer stands.
    ctx.channel()
        .writeAndFlush(response)
        .addListener(ChannelFutureListener.FIRE_EXCEPTION_ON_FAILURE);
  }
}
