package org.tlsuplift.proxy.mail.guard;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import java.util.ArrayDeque;
import java.util.Deque;
import org.tlsuplift.proxy.mail.KeptBytes;

/** What has come of a device and waits: its bytes, and that it closed its direction after them. */
final class DeviceInput {
  static final int MAX_HELD = 16 * 1024;

  private final KeptBytes bytes = new KeptBytes();
  private final Deque<Object> end = new ArrayDeque<>(2);
  private boolean readWanted;

  KeptBytes bytes() {
    return bytes;
  }

  /** Reads from the device, at once or when fewer bytes wait. */
  void readOrWait(ChannelHandlerContext ctx) {
    readWanted = true;
    readOn(ctx);
  }

  /** Carries out a read that waited, if few enough bytes wait now. */
  void readOn(ChannelHandlerContext ctx) {
    if (readWanted && bytes.size() < MAX_HELD) {
      readWanted = false;
      ctx.read();
    }
  }

  /** Keeps an event that closes the direction. Returns whether the event is of this kind. */
  boolean keepEnd(Object event) {
    return (event == ChannelInputShutdownEvent.INSTANCE || event instanceof SslCloseCompletionEvent)
        && end.add(event);
  }

  boolean hasEnded() {
    return !end.isEmpty();
  }

  /** Passes the events that closed the direction on to the next handler. */
  void passEnd(ChannelHandlerContext ctx) {
    for (Object event = end.poll(); event != null; event = end.poll()) {
      ctx.fireChannelReadComplete();
      ctx.fireUserEventTriggered(event);
    }
  }
}
