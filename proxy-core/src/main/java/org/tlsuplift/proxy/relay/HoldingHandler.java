package org.tlsuplift.proxy.relay;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Queue;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Holds the bytes that one side sends before the other side is ready, and the end or failure after
 * them. When this handler is removed, it passes them on in order.
 *
 * <p>A failure that does not end the connection, such as a TLS fault after the handshake, also goes
 * to the next handler at once, if there is one.
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

  /** Whether the socket failed. Its end is an event of its own. */
  private static boolean isOfSocket(Throwable cause) {
    return cause instanceof IOException && !(cause instanceof SSLException);
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
    if (failure == null) {
      failure = cause;
      held.add(cause);
      if (ctx.pipeline().lastContext() != ctx && !isOfSocket(cause)) {
        ctx.fireExceptionCaught(cause);
      }
    }
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    boolean open = ctx.channel().isActive();
    boolean any = false;
    for (Object kept = held.poll(); kept != null; kept = held.poll()) {
      if (!open) {
        ReferenceCountUtil.release(kept);
      } else if (kept instanceof Throwable cause) {
        ctx.fireChannelReadComplete();
        ctx.fireExceptionCaught(cause);
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
