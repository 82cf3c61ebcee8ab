package org.tlsuplift.proxy.negotiate;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.util.ReferenceCountUtil;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.session.CloseReason;
import org.tlsuplift.proxy.session.HostPort;

/**
 * Accepts {@code CONNECT host:port} and refuses all else with a status and a reason.
 *
 * <p>Answers 200 before the origin is reached: only so can the ClientHello be read that decides the
 * route.
 */
final class HttpConnectNegotiator extends ChannelInboundHandlerAdapter {
  static final String DECODER = "http-decoder";
  static final String ENCODER = "http-encoder";

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
      refuseUnreadable(ctx, part.decoderResult().cause());
    } else if (part instanceof HttpRequest request) {
      readRequest(ctx, request);
    } else if (part instanceof HttpContent content && content.content().isReadable()) {
      refuse(ctx, HttpResponseStatus.BAD_REQUEST, "CONNECT must come without content");
    }
    if (!refused && target != null && part instanceof LastHttpContent) {
      establish(ctx, target);
    }
  }

  private void readRequest(ChannelHandlerContext ctx, HttpRequest request) {
    if (!request.method().equals(HttpMethod.CONNECT)) {
      refuse(
          ctx,
          HttpResponseStatus.METHOD_NOT_ALLOWED,
          "this proxy only connects ('CONNECT host:port'); unencrypted http:// requests are not"
              + " forwarded");
      return;
    }
    Optional<HostPort> authority = HostPort.parse(request.uri());
    if (authority.isEmpty()) {
      refuse(
          ctx,
          HttpResponseStatus.BAD_REQUEST,
          "CONNECT needs an authority of the form host:port or [IPv6 address]:port");
      return;
    }
    Optional<NegotiationRefused> refusal = policy.refusal(authority.get());
    if (refusal.isPresent()) {
      refused = true;
      HttpReplies.refuse(ctx, HttpResponseStatus.FORBIDDEN, refusal.get());
      return;
    }
    target = authority.get();
  }

  private void refuseUnreadable(ChannelHandlerContext ctx, @Nullable Throwable cause) {
    if (cause instanceof TooLongHttpLineException) {
      refuse(ctx, HttpResponseStatus.REQUEST_URI_TOO_LONG, "the request line is too long");
    } else if (cause instanceof TooLongHttpHeaderException
        || cause instanceof TooLongFrameException) {
      refuse(ctx, HttpResponseStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "the header is too large");
    } else {
      refuse(
          ctx,
          HttpResponseStatus.BAD_REQUEST,
          "this is not an HTTP request; this port expects 'CONNECT host:port'");
    }
  }

  private void refuse(ChannelHandlerContext ctx, HttpResponseStatus status, String detail) {
    refused = true;
    HttpReplies.refuse(
        ctx, status, new NegotiationRefused(CloseReason.NEGOTIATION_REFUSED, detail, target));
  }

  private void establish(ChannelHandlerContext ctx, HostPort negotiated) {
    HttpReplies.establish(ctx);
    ctx.fireUserEventTriggered(new Negotiated(negotiated));
    // Itself first: what the decoder still holds is the ClientHello and goes to whoever is next.
    ChannelPipeline pipeline = ctx.pipeline();
    pipeline.remove(this);
    pipeline.remove(ENCODER);
    pipeline.remove(DECODER);
  }
}
