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
 * Holds the bytes that one side sends before the other side is ready. When this handler is removed,
 * it passes them on in order.
 *
 * <p>It holds at most the rest of one read, because auto-read is off: TLS reads only for its
 * handshake, and bytes after the handshake in the same read stay here.
 */
public final class HoldingHandler extends ChannelInboundHandlerAdapter {
  private final Queue<Object> held = new ArrayDeque<>();
  private @Nullable Throwable failure;

  /** The first failure of this side, such as an alert after the handshake, or null. */
  public @Nullable Throwable failure() {
    return failure;
  }

  /** Whether this side has ended its output. */
  public boolean hasEnded() {
    return held.stream().anyMatch(HoldingHandler::isEnd);
  }

  private static boolean isEnd(Object message) {
    return message == ChannelInputShutdownEvent.INSTANCE
        || message instanceof SslCloseCompletionEvent;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    held.add(message);
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (isEnd(event)) {
      held.add(event);
    } else {
      ctx.fireUserEventTriggered(event);
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    // The failed handshake or the closed channel reports the failure. This is its cause.
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
      } else if (isEnd(kept)) {
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
