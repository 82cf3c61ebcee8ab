package org.tlsuplift.proxy.tls.hello;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.util.List;

/**
 * Holds back what a device sends until it is known what it offers.
 *
 * <p>Consumes nothing: once removed or replaced, all bytes go to the handler that follows, as if
 * this one had never been. Reads by itself while it needs more and auto-read is off; holds at most
 * 64 KiB and what one read brought on top. When the connection ends first, the listener is not
 * called: the channel becomes inactive as always.
 */
public final class ClientHelloHandler extends ByteToMessageDecoder {
  /** Who is told what a device sent first. */
  @FunctionalInterface
  public interface Callbacks {
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

  private final Callbacks callbacks;
  private int wanted = 1;
  private boolean decided;

  /** Tells the listener, once. */
  public ClientHelloHandler(Callbacks callbacks) {
    this.callbacks = callbacks;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    if (ctx.channel().isActive()) {
      readMore(ctx);
    }
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    ctx.fireChannelActive();
    readMore(ctx);
  }

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
    if (decided || in.readableBytes() < wanted) {
      return;
    }
    HelloParse parse = ClientHelloParser.parse(in);
    if (parse instanceof HelloParse.NeedMore more) {
      wanted = more.bytes();
      return;
    }
    decided = true;
    callbacks.onHello(ctx, parse);
  }

  /**
   * Takes the place of the decoder's own rule, which reads on for as long as nothing was decoded:
   * after the decision that would fill memory while the origin is still being dialled.
   */
  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    readMore(ctx);
    ctx.fireChannelReadComplete();
  }

  private void readMore(ChannelHandlerContext ctx) {
    if (!decided && !ctx.channel().config().isAutoRead()) {
      ctx.read();
    }
  }
}
