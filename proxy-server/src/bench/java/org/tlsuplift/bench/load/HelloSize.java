package org.tlsuplift.bench.load;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Reads the length in the header of the first record (RFC 8446 section 5.1), and removes itself.
 */
final class HelloSize extends ChannelInboundHandlerAdapter {
  private static final int RECORD_HEADER = 5;

  private final AtomicInteger bytes;

  HelloSize(AtomicInteger bytes) {
    this.bytes = bytes;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (message instanceof ByteBuf read && read.readableBytes() >= RECORD_HEADER) {
      bytes.set(RECORD_HEADER + read.getUnsignedShort(read.readerIndex() + 3));
    }
    ctx.pipeline().remove(this);
    ctx.fireChannelRead(message);
  }
}
