package org.tlsuplift.proxy.signin.guard;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * The events that the device closed its direction, kept until everything before them has passed.
 */
final class InputEnd {
  private final Deque<Object> events = new ArrayDeque<>(2);

  /** Keeps an event if it is one of them; returns whether it is. */
  boolean keep(Object event) {
    return (event == ChannelInputShutdownEvent.INSTANCE || event instanceof SslCloseCompletionEvent)
        && events.add(event);
  }

  boolean isKept() {
    return !events.isEmpty();
  }

  /** Passes them on to the next handler. */
  void pass(ChannelHandlerContext ctx) {
    for (Object event = events.poll(); event != null; event = events.poll()) {
      ctx.fireChannelReadComplete();
      ctx.fireUserEventTriggered(event);
    }
  }
}
