package org.tlsuplift.proxy.negotiate;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.Explanation;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.outcome.CloseReason;

/**
 * Accepts {@code CONNECT host:port}.
 *
 * <p>Responds with 200 before the origin is dialled, because the device sends its ClientHello,
 * which decides the route, only after the response.
 */
final class HttpConnectNegotiator extends ChannelInboundHandlerAdapter {
  private final TargetPolicy policy;
  private @Nullable HostPort target;
  private boolean refused;

  HttpConnectNegotiator(TargetPolicy policy) {
    this.policy = policy;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    try {
      if (!refused && message instanceof HttpObject part) {
        read(ctx, part);
      }
    } finally {
      ReferenceCountUtil.release(message);
    }
  }

  private void read(ChannelHandlerContext ctx, HttpObject part) {
    if (part.decoderResult().isFailure()) {
      RefusedRequestException unreadable = UnreadableRequest.of(part);
      refuse(ctx, unreadable.status(), unreadable.why());
    } else if (part instanceof HttpRequest request) {
      readRequest(ctx, request);
    } else if (part instanceof HttpContent content && content.content().isReadable()) {
      refuse(
          ctx,
          HttpResponseStatus.BAD_REQUEST,
          Explanation.of("the device sent content with its CONNECT", "update the device"));
    }
    if (!refused && target != null && part instanceof LastHttpContent) {
      HttpResponses.establish(ctx);
      Negotiated.fire(ctx, target, HttpNegotiator.ENCODER, HttpNegotiator.DECODER);
    }
  }

  private void readRequest(ChannelHandlerContext ctx, HttpRequest request) {
    if (!HttpNegotiator.supportsVersion(request)) {
      RefusedRequestException version = HttpNegotiator.versionRefused();
      refuse(ctx, version.status(), version.why());
      return;
    }
    Optional<HostPort> authority = HostPort.parse(request.uri());
    if (authority.isEmpty()) {
      refuse(
          ctx,
          HttpResponseStatus.BAD_REQUEST,
          Explanation.of(
              "CONNECT needs an authority of the form host:port or [IPv6 address]:port",
              "correct the target in the device"));
      return;
    }
    Optional<NegotiationRefused> refusal = policy.refusal(authority.get());
    if (refusal.isPresent()) {
      refused = true;
      HttpResponses.refuse(ctx, HttpResponseStatus.FORBIDDEN, refusal.get());
      return;
    }
    target = authority.get();
  }

  private void refuse(ChannelHandlerContext ctx, HttpResponseStatus status, Explanation why) {
    refused = true;
    HttpResponses.refuse(
        ctx, status, new NegotiationRefused(CloseReason.NEGOTIATION_REFUSED, why, target));
  }
}
