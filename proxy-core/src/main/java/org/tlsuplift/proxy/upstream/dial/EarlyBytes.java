package org.tlsuplift.proxy.upstream.dial;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import java.util.Queue;

/**
 * Keeps the bytes that an origin sent together with the response of the upstream proxy, until the
 * next read request. Then it removes itself.
 *
 * <p>At that time the handlers for these bytes are in place. The limit is two reads, because the
 * channel does not read by itself.
 */
final class EarlyBytes extends ChannelDuplexHandler {
  private final Queue<Object> kept = new ArrayDeque<>();

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    kept.add(message);
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    // Nothing has been passed on yet.
  }

  @Override
  public void read(ChannelHandlerContext ctx) {
    boolean nothing = kept.isEmpty();
    ctx.pipeline().remove(this);
    if (nothing) {
      ctx.read();
    }
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    boolean open = ctx.channel().isActive();
    boolean any = !kept.isEmpty();
    for (Object message = kept.poll(); message != null; message = kept.poll()) {
      if (open) {
        ctx.fireChannelRead(message);
      } else {
        ReferenceCountUtil.release(message);
      }
    }
    if (open && any) {
      ctx.fireChannelReadComplete();
    }
  }
}
