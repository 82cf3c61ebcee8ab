package org.tlsuplift.proxy.upstream.dial;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import java.util.Queue;

/**
 * Holds the bytes that an origin sent together with the upstream proxy's response, until the next
 * read request. Then it removes itself.
 *
 * <p>When the next read is requested, the handlers for these bytes are in place. It holds at most
 * two reads, because auto-read is off.
 */
final class EarlyBytes extends ChannelDuplexHandler {
  private final Queue<Object> kept = new ArrayDeque<>();

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    kept.add(message);
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    // No bytes have been passed on yet.
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
