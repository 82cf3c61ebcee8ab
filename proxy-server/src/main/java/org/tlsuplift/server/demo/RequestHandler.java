package org.tlsuplift.server.demo;

import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.tls.AgreedParameters;

/** Sends a request after the TLS handshake, and records what device and origin saw. */
final class RequestHandler extends SimpleChannelInboundHandler<FullHttpResponse> {
  private final DemoDevice device;
  private final HostPort origin;
  private final CompletableFuture<DemoExchange> demoExchange;

  RequestHandler(DemoDevice device, HostPort origin, CompletableFuture<DemoExchange> demoExchange) {
    this.device = device;
    this.origin = origin;
    this.demoExchange = demoExchange;
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof SslHandshakeCompletionEvent handshake && handshake.isSuccess()) {
      DefaultFullHttpRequest request =
          new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, "/");
      request.headers().set(HttpHeaderNames.HOST, origin);
      ctx.writeAndFlush(request).addListener(ChannelFutureListener.FIRE_EXCEPTION_ON_FAILURE);
    }
    ctx.fireUserEventTriggered(event);
  }

  @Override
  protected void channelRead0(ChannelHandlerContext ctx, FullHttpResponse response)
      throws SSLPeerUnverifiedException {
    if (!response.status().equals(HttpResponseStatus.OK)) {
      demoExchange.completeExceptionally(new IOException("the response is " + response.status()));
    } else {
      SslHandler tls = ctx.pipeline().get(SslHandler.class);
      demoExchange.complete(
          new DemoExchange(
              device,
              AgreedParameters.of(tls),
              (X509Certificate) tls.engine().getSession().getPeerCertificates()[0],
              response.content().toString(StandardCharsets.US_ASCII)));
    }
    var unused = ctx.close();
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    demoExchange.completeExceptionally(
        new IOException("the connection was closed without a response"));
    ctx.fireChannelInactive();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    demoExchange.completeExceptionally(cause);
    var unused = ctx.close();
  }
}
