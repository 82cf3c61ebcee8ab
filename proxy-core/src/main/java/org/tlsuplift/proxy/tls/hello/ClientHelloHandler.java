package org.tlsuplift.proxy.tls.hello;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.util.List;

/**
 * Holds back what a device sends until its ClientHello is complete.
 *
 * <p>Consumes nothing: once removed or replaced, all bytes go to the handler that follows. Reads by
 * itself while it needs more and auto-read is off; holds at most 64 KiB plus what one read brought.
 * If the connection ends first, there is no callback: the channel becomes inactive as always.
 */
public final class ClientHelloHandler extends ByteToMessageDecoder {
  /** Receives what a device sent first. */
  @FunctionalInterface
  public interface Callbacks {
    /**
     * Called once per {@link ClientHelloHandler}, on the channel's event loop.
     *
     * <p>From here on the handler requests no more bytes, so the receiver turns auto-read off if it
     * cannot act at once. The handler still holds all bytes; replacing or removing it passes them
     * to the handler that follows, now or later.
     *
     * @param parse anything but {@link HelloParse.NeedMore}
     */
    void onHello(ChannelHandlerContext ctx, HelloParse parse);
  }

  private final Callbacks callbacks;
  private int wanted = 1;
  private boolean decided;

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
   * Replaces the decoder's own rule, which reads on as long as nothing was decoded: after the
   * decision that would fill memory while the origin is dialled.
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
