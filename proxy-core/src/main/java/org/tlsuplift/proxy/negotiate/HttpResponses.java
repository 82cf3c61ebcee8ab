package org.tlsuplift.proxy.negotiate;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;

/** Sends this proxy's own HTTP responses to devices. */
public final class HttpResponses {
  private static final String METHODS = "CONNECT, GET, HEAD, POST";

  private HttpResponses() {}

  static void goOn(ChannelHandlerContext ctx) {
    write(
        ctx.channel(),
        new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.CONTINUE));
  }

  /** Sends a status with the reason in one line of text, then fires the refusal to the session. */
  static void refuse(
      ChannelHandlerContext ctx, HttpResponseStatus status, NegotiationRefused refusal) {
    refuse(ctx.channel(), status, refusal.detail());
    ctx.fireUserEventTriggered(refusal);
  }

  /**
   * Sends a status with the reason in one line of text.
   *
   * @param device a channel that has a request without a response
   */
  public static void refuse(Channel device, HttpResponseStatus status, String detail) {
    ByteBuf body =
        ByteBufUtil.encodeString(
            device.alloc(),
            CharBuffer.wrap("TLS Uplift: " + detail + "\n"),
            StandardCharsets.UTF_8);
    FullHttpResponse response = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status, body);
    response
        .headers()
        .set("Content-Type", "text/plain; charset=utf-8")
        .setInt(ForwardedHeaders.CONTENT_LENGTH, body.readableBytes())
        .set(ForwardedHeaders.CONNECTION, HttpHeaderValues.CLOSE);
    if (status.equals(HttpResponseStatus.METHOD_NOT_ALLOWED)) {
      response.headers().set("Allow", METHODS);
    }
    write(device, response);
  }

  /**
   * Sends the head of a response whose content follows as bytes, and removes the HTTP encoder.
   *
   * @param device a channel that has sent a {@link PlainRequest}
   */
  public static void begin(Channel device, HttpResponse head) {
    write(device, head);
    device.pipeline().remove(HttpNegotiator.ENCODER);
  }

  static void write(Channel device, HttpResponse response) {
    // A write on the channel starts at the end of the pipeline and thus passes the encoder.
    device.writeAndFlush(response).addListener(ChannelFutureListener.FIRE_EXCEPTION_ON_FAILURE);
  }
}
