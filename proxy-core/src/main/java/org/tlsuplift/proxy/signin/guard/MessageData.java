package org.tlsuplift.proxy.signin.guard;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;

/**
 * Passes the data of messages on, in the buffers that it comes in, up to the end of each.
 *
 * <p>The CR that may be the last byte but one is held back until more comes, so that nobody takes
 * it for the end by itself.
 */
final class MessageData {
  private final DataEnd end = new DataEnd();
  private boolean heldCr;

  void begin() {
    end.reset();
  }

  /** Looks at the next piece, as {@link DataEnd#find} does. */
  int find(ByteBuf piece) {
    return end.find(piece);
  }

  /** Passes the last piece of a message on, which ends with it. */
  void passLast(ChannelHandlerContext ctx, ByteBuf piece) {
    if (heldCr) {
      heldCr = false;
      ctx.fireChannelRead(GuardLines.encode(ctx.alloc(), "\r"));
    }
    pass(ctx, piece);
  }

  /** Passes on a piece behind which more must come. */
  void passPart(ChannelHandlerContext ctx, ByteBuf piece) {
    if (end.endsWithin() && piece.isReadable()) {
      heldCr = true;
      piece.writerIndex(piece.writerIndex() - 1);
    }
    pass(ctx, piece);
  }

  private static void pass(ChannelHandlerContext ctx, ByteBuf piece) {
    if (piece.isReadable()) {
      ctx.fireChannelRead(piece);
    } else {
      piece.release();
    }
  }
}
