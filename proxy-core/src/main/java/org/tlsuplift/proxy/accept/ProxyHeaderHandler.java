package org.tlsuplift.proxy.accept;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import org.tlsuplift.proxy.model.Explanation;
import org.tlsuplift.proxy.negotiate.NegotiationRefused;
import org.tlsuplift.proxy.negotiate.ProxyHeader;
import org.tlsuplift.proxy.outcome.CloseReason;

/** Passes the PROXY header, or the reason for its refusal, to the pending connection. */
final class ProxyHeaderHandler extends ChannelInboundHandlerAdapter {
  private final PendingConnection pending;

  ProxyHeaderHandler(PendingConnection pending) {
    this.pending = pending;
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof ProxyHeader header) {
      if (pending.onHeader(header)) {
        // The handlers of the session have been added only now and need this event.
        ctx.fireChannelActive();
        ctx.pipeline().remove(this);
      }
    } else if (event instanceof NegotiationRefused refused) {
      pending.close(refused.reason(), refused.why());
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    // Only bytes that are read after the refusal reach this handler.
    ReferenceCountUtil.release(message);
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    // Health checks of load balancers connect and close without a header.
    pending.close(CloseReason.DEVICE_CLOSED, Explanation.of("before its PROXY header"));
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    pending.close(
        cause instanceof IOException ? CloseReason.DEVICE_RESET : CloseReason.INTERNAL_ERROR,
        Explanation.of(String.valueOf(cause)));
  }
}
