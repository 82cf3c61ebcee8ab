package org.tlsuplift.proxy.setup;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.util.ReferenceCountUtil;
import org.tlsuplift.proxy.relay.InputDone;

/**
 * Throws away what a device says behind its one request, until the relay does, which it tells so
 * when it is removed.
 */
final class DiscardInputHandler extends ChannelInboundHandlerAdapter {
  private boolean ended;

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ReferenceCountUtil.release(message);
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event == ChannelInputShutdownEvent.INSTANCE) {
      // Devices of HTTP/1.0 may end their direction behind the request, and wait for the answer.
      ended = true;
    } else {
      ctx.fireUserEventTriggered(event);
    }
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    ctx.fireUserEventTriggered(InputDone.INSTANCE);
    if (ended) {
      ctx.fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
    }
  }
}
