package org.tlsuplift.proxy.negotiate;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.HostPort;

/**
 * Reads one plain HTTP request that a route allows, and rewrites it for the origin.
 *
 * <p>Bytes after the request are dropped: a second request on the same connection could bypass the
 * routes with another host.
 */
final class HttpForwardNegotiator extends ChannelInboundHandlerAdapter {
  private final TargetPolicy policy;
  private final ByteBuf content = Unpooled.buffer(0, ForwardableRequest.MAX_CONTENT);
  private @Nullable HttpRequest head;
  private @Nullable RequestTarget target;
  private boolean over;

  HttpForwardNegotiator(TargetPolicy policy) {
    this.policy = policy;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    try {
      if (!over && message instanceof HttpObject part) {
        read(ctx, part);
      }
    } catch (RefusedRequestException refused) {
      HostPort asked = target == null ? null : target.address();
      refuse(ctx, refused.status(), new NegotiationRefused(refused.reason(), refused.why(), asked));
    } finally {
      ReferenceCountUtil.release(message);
    }
  }

  private void read(ChannelHandlerContext ctx, HttpObject part) throws RefusedRequestException {
    if (part.decoderResult().isFailure()) {
      throw UnreadableRequest.of(part);
    }
    if (part instanceof HttpRequest request) {
      begin(ctx, request);
    }
    if (!over && part instanceof HttpContent some) {
      append(some.content());
    }
    if (!over && part instanceof LastHttpContent) {
      finish(ctx);
    }
  }

  private void begin(ChannelHandlerContext ctx, HttpRequest request)
      throws RefusedRequestException {
    RequestTarget asked = ForwardableRequest.check(request);
    Optional<NegotiationRefused> refusal = policy.forwardRefusal(asked.address());
    if (refusal.isPresent()) {
      refuse(ctx, HttpResponseStatus.FORBIDDEN, refusal.get());
      return;
    }
    target = asked;
    head = request;
    if (HttpUtil.is100ContinueExpected(request)) {
      HttpResponses.goOn(ctx);
    }
  }

  private void append(ByteBuf some) throws RefusedRequestException {
    if (some.readableBytes() > content.maxWritableBytes()) {
      throw ForwardableRequest.tooLarge();
    }
    if (some.isReadable() && head != null && !head.method().equals(HttpMethod.POST)) {
      // RFC 9110 section 9.3.1: such content has no meaning, and servers disagree where it ends.
      throw new RefusedRequestException(
          HttpResponseStatus.BAD_REQUEST, "only POST may have content");
    }
    content.writeBytes(some);
  }

  private void finish(ChannelHandlerContext ctx) {
    if (head == null || target == null) {
      return;
    }
    over = true;
    // Removed while this handler is still present, so that the decoder's bytes are dropped here.
    ctx.pipeline().remove(HttpNegotiator.DECODER);
    ctx.fireUserEventTriggered(new PlainRequest(target.address(), message(head, target)));
    ctx.pipeline().remove(this);
  }

  private FullHttpRequest message(HttpRequest request, RequestTarget asked) {
    HttpHeaders headers = ForwardedHeaders.ofRequest(request);
    headers.set(ForwardedHeaders.HOST, asked.host());
    ForwardedHeaders.addVia(request, headers);
    headers.set(ForwardedHeaders.CONNECTION, HttpHeaderValues.CLOSE);
    if (request.method().equals(HttpMethod.POST)) {
      headers.set(ForwardedHeaders.CONTENT_LENGTH, content.readableBytes());
    }
    return new DefaultFullHttpRequest(
        // HTTP/1.0 keeps the origin from sending chunks, which an older device cannot read.
        request.protocolVersion().equals(HttpVersion.HTTP_1_0)
            ? HttpVersion.HTTP_1_0
            : HttpVersion.HTTP_1_1,
        request.method(),
        asked.path(),
        content,
        headers,
        EmptyHttpHeaders.INSTANCE);
  }

  private void refuse(
      ChannelHandlerContext ctx, HttpResponseStatus status, NegotiationRefused refusal) {
    over = true;
    HttpResponses.refuse(ctx, status, refusal);
  }
}
