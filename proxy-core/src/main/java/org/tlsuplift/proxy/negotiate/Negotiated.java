package org.tlsuplift.proxy.negotiate;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import org.tlsuplift.proxy.model.HostPort;

/** The event at the end of a negotiation: the device continues with TLS. */
public record Negotiated(HostPort target) {
  /**
   * Ends a negotiation: fires the event and removes its handlers. The calling handler goes first,
   * so that the bytes in the decoder (the ClientHello) reach the next handler.
   */
  static void fire(ChannelHandlerContext ctx, HostPort target, String encoder, String decoder) {
    ctx.fireUserEventTriggered(new Negotiated(target));
    ChannelPipeline pipeline = ctx.pipeline();
    pipeline.remove(ctx.handler());
    pipeline.remove(encoder);
    pipeline.remove(decoder);
  }
}
