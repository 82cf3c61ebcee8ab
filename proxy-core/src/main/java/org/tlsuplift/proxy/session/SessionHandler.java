package org.tlsuplift.proxy.session;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import org.tlsuplift.proxy.negotiate.Negotiated;
import org.tlsuplift.proxy.negotiate.NegotiationRefused;
import org.tlsuplift.proxy.negotiate.PlainRequest;
import org.tlsuplift.proxy.negotiate.SocksUsers;

/** Passes Netty's events of the device channel to the session. */
public final class SessionHandler extends ChannelInboundHandlerAdapter {
  private final Session session;

  public SessionHandler(Session session) {
    this.session = session;
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof SocksUsers.User user) {
      session.onUser(user);
    } else if (event instanceof Negotiated negotiated) {
      session.onNegotiated(negotiated.target());
    } else if (event instanceof PlainRequest request) {
      session.onPlainRequest(request);
    } else if (event instanceof NegotiationRefused refused) {
      session.onNegotiationRefused(refused);
    } else if (event instanceof SslHandshakeCompletionEvent handshake) {
      session.onDeviceHandshake(handshake);
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    // Bytes reach this handler only after the session has ended.
    ReferenceCountUtil.release(message);
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    session.onDeviceGone();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    session.onDeviceError(cause);
  }
}
