package org.tlsuplift.proxy.negotiate;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import org.tlsuplift.proxy.model.HostPort;

/** Names the one origin that a listener stands for, as soon as a device connects. */
final class FixedNegotiator extends ChannelInboundHandlerAdapter {
  private final HostPort origin;

  FixedNegotiator(HostPort origin) {
    this.origin = origin;
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    ctx.fireChannelActive();
    ctx.fireUserEventTriggered(new Negotiated(origin));
    ctx.pipeline().remove(this);
  }
}
