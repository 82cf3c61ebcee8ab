package org.tlsuplift.proxy.upstream.dial;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import java.util.Queue;

/**
 * Keeps what an origin said so early that it came together with the answer of the proxy on the way,
 * until somebody asks to read, and goes.
 *
 * <p>By then the handlers are in place which must see it. Bounded by what two reads bring, because
 * the channel does not read by itself.
 */
final class EarlyBytes extends ChannelDuplexHandler {
  private final Queue<Object> kept = new ArrayDeque<>();

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    kept.add(message);
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    // Nobody has been given anything yet.
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
