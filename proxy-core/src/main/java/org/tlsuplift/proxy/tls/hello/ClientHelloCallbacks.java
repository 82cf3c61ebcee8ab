package org.tlsuplift.proxy.tls.hello;

import io.netty.channel.ChannelHandlerContext;

/** Who is told what a device sent first. */
@FunctionalInterface
public interface ClientHelloCallbacks {
  /**
   * Called once per {@link ClientHelloHandler}, on the channel's event loop.
   *
   * <p>From here on the handler asks for no more bytes, so the listener turns auto-read off if it
   * cannot act at once. All bytes are still held by the handler; replacing or removing it hands
   * them on to the handler that follows, now or later.
   *
   * @param parse anything but {@link HelloParse.NeedMore}
   */
  void onHello(ChannelHandlerContext ctx, HelloParse parse);
}
