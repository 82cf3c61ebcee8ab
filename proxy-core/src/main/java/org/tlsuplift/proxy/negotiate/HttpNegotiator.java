package org.tlsuplift.proxy.negotiate;

import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;

/** Selects CONNECT or plain HTTP by the method of the first request. */
final class HttpNegotiator extends ChannelInboundHandlerAdapter {
  static final String DECODER = "http-decoder";
  static final String ENCODER = "http-encoder";

  private final TargetPolicy policy;

  HttpNegotiator(TargetPolicy policy) {
    this.policy = policy;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    boolean plain =
        message instanceof HttpRequest request && !request.method().equals(HttpMethod.CONNECT);
    ChannelHandler next =
        plain ? new HttpForwardNegotiator(policy) : new HttpConnectNegotiator(policy);
    ctx.pipeline().addAfter(ctx.name(), plain ? "http-forward" : "http-connect", next).remove(this);
    ctx.fireChannelRead(message);
  }

  static boolean supportsVersion(HttpRequest request) {
    return request.protocolVersion().majorVersion() == 1;
  }

  static RefusedRequestException versionRefused() {
    return new RefusedRequestException(
        HttpResponseStatus.HTTP_VERSION_NOT_SUPPORTED, "this proxy supports HTTP/1.1 and HTTP/1.0");
  }
}
