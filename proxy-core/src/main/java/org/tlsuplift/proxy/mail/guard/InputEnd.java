package org.tlsuplift.proxy.mail.guard;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * The events that the device closed its direction, kept until all bytes before them have passed.
 */
final class InputEnd {
  private final Deque<Object> events = new ArrayDeque<>(2);

  /** Keeps an event that closes the direction. Returns whether the event is of this kind. */
  boolean keep(Object event) {
    return (event == ChannelInputShutdownEvent.INSTANCE || event instanceof SslCloseCompletionEvent)
        && events.add(event);
  }

  boolean isKept() {
    return !events.isEmpty();
  }

  /** Passes the kept events on to the next handler. */
  void pass(ChannelHandlerContext ctx) {
    for (Object event = events.poll(); event != null; event = events.poll()) {
      ctx.fireChannelReadComplete();
      ctx.fireUserEventTriggered(event);
    }
  }
}
