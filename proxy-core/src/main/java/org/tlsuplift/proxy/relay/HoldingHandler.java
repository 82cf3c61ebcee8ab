package org.tlsuplift.proxy.relay;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * Keeps what one side says before the other side is ready, and hands it on, in order, when it is
 * removed.
 *
 * <p>Bounded by what a single read brings, because the channel does not read by itself meanwhile:
 * TLS reads for its handshake only, and what comes in the same read behind the handshake is kept
 * here.
 */
public final class HoldingHandler extends ChannelInboundHandlerAdapter {
  private final Queue<Object> held = new ArrayDeque<>();
  private @Nullable Throwable failure;

  /** What was wrong on this side first, such as an alert after the handshake; null if nothing. */
  public @Nullable Throwable failure() {
    return failure;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    held.add(message);
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event == ChannelInputShutdownEvent.INSTANCE || event instanceof SslCloseCompletionEvent) {
      held.add(event);
    } else {
      ctx.fireUserEventTriggered(event);
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    // Whoever waits for this side learns from the handshake or from the closed channel that it
    // failed, and asks here why.
    if (failure == null) {
      failure = cause;
    }
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    boolean open = ctx.channel().isActive();
    boolean any = false;
    for (Object kept = held.poll(); kept != null; kept = held.poll()) {
      if (!open) {
        ReferenceCountUtil.release(kept);
      } else if (kept == ChannelInputShutdownEvent.INSTANCE
          || kept instanceof SslCloseCompletionEvent) {
        ctx.fireChannelReadComplete();
        ctx.fireUserEventTriggered(kept);
      } else {
        any = true;
        ctx.fireChannelRead(kept);
      }
    }
    if (any) {
      ctx.fireChannelReadComplete();
    }
  }
}
