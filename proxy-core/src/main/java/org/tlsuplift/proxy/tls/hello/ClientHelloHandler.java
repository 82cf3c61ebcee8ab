package org.tlsuplift.proxy.tls.hello;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.util.List;

/**
 * Holds the device's bytes until its ClientHello is complete, and then fires an event: any {@link
 * HelloParse} except {@link HelloParse.NeedMore}, once.
 *
 * <p>This handler consumes nothing: when it is removed or replaced, all bytes go to the next
 * handler. While it needs more bytes and auto-read is off, it requests reads itself. It holds at
 * most 64 KiB plus one read. If the connection ends before the ClientHello is complete, there is no
 * event; the channel only becomes inactive.
 *
 * <p>After the event, the handler requests no more reads. A receiver that cannot act immediately
 * must also turn auto-read off.
 */
public final class ClientHelloHandler extends ByteToMessageDecoder {
  private int wanted = 1;
  private boolean decided;

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
    ctx.fireUserEventTriggered(parse);
  }

  /**
   * Replaces the superclass's rule, which requests reads while nothing is decoded. After the event,
   * that rule would fill the memory while the origin is dialled.
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
