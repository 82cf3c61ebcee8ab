package org.tlsuplift.proxy.negotiate;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import org.tlsuplift.proxy.model.HostPort;

/** The event of the last negotiation step: from here on the device uses TLS. */
public record Negotiated(HostPort target) {
  /**
   * Ends a negotiation: fires the event and removes its handlers. The calling one goes first, so
   * that what the decoder still holds, the ClientHello, goes to the handler that follows.
   */
  static void fire(ChannelHandlerContext ctx, HostPort target, String encoder, String decoder) {
    ctx.fireUserEventTriggered(new Negotiated(target));
    ChannelPipeline pipeline = ctx.pipeline();
    pipeline.remove(ctx.handler());
    pipeline.remove(encoder);
    pipeline.remove(decoder);
  }
}
