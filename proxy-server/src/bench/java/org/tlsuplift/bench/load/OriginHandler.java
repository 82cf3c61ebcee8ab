package org.tlsuplift.bench.load;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.util.concurrent.atomic.LongAdder;

/**
 * Answers requests of nine bytes: a letter and a length.
 *
 * <p>{@code D n} asks for n bytes; {@code U n} announces n bytes, which one byte confirms.
 */
final class OriginHandler extends ChannelInboundHandlerAdapter {
  static final int REQUEST_BYTES = 9;

  private static final int CHUNK = 64 * 1024;
  private static final ByteBuf PAYLOAD =
      Unpooled.unreleasableBuffer(Unpooled.directBuffer(CHUNK).writeZero(CHUNK).asReadOnly());

  private final LongAdder handshakes;
  private final ByteBuf request = Unpooled.buffer(REQUEST_BYTES);
  private long toSend;
  private long toSwallow;

  OriginHandler(LongAdder handshakes) {
    this.handshakes = handshakes;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf bytes = (ByteBuf) message;
    while (bytes.isReadable()) {
      if (toSwallow > 0) {
        int taken = (int) Math.min(toSwallow, bytes.readableBytes());
        bytes.skipBytes(taken);
        toSwallow -= taken;
        if (toSwallow == 0) {
          var unused = ctx.writeAndFlush(PAYLOAD.slice(0, 1));
        }
      } else {
        request.writeBytes(
            bytes, Math.min(REQUEST_BYTES - request.readableBytes(), bytes.readableBytes()));
        if (request.readableBytes() == REQUEST_BYTES) {
          begin(ctx);
        }
      }
    }
    bytes.release();
  }

  private void begin(ChannelHandlerContext ctx) {
    byte what = request.readByte();
    long length = request.readLong();
    request.clear();
    if (what == 'D') {
      toSend = length;
      send(ctx);
    } else if (what == 'U') {
      toSwallow = length;
    } else {
      var unused = ctx.close();
    }
  }

  private void send(ChannelHandlerContext ctx) {
    while (toSend > 0 && ctx.channel().isWritable()) {
      int part = (int) Math.min(toSend, CHUNK);
      toSend -= part;
      var unused = ctx.write(PAYLOAD.slice(0, part));
    }
    ctx.flush();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (toSend > 0) {
      send(ctx);
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof SslHandshakeCompletionEvent handshake && handshake.isSuccess()) {
      handshakes.increment();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    // Whether a connection did its work is counted at its device.
    var unused = ctx.close();
  }
}
