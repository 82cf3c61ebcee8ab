package org.tlsuplift.proxy.mail;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandler;
import org.jspecify.annotations.Nullable;

/**
 * Writes lines for the decoder of a conversation, and makes the decoder continue after it waited
 * for a reply. For one decoder, on its event loop.
 */
public final class LineChannel {
  private @Nullable ChannelHandlerContext context;
  private boolean decoding;

  public void attach(ChannelHandlerContext added) {
    context = added;
  }

  public ChannelHandlerContext context() {
    if (context == null) {
      throw new IllegalStateException("not in a pipeline");
    }
    return context;
  }

  /** Writes lines that include their CRLF. An empty text writes nothing. */
  public void write(String lines) {
    if (!lines.isEmpty()) {
      ChannelHandlerContext ctx = context();
      var unused = ctx.writeAndFlush(MailText.encode(ctx.alloc(), lines));
    }
  }

  /** Runs one step of {@code decode}. The decoder repeats it while bytes remain. */
  public void decode(Runnable step) {
    decoding = true;
    try {
      step.run();
    } finally {
      decoding = false;
    }
  }

  /** Makes the decoder read again, starting with the bytes that arrived while it waited. */
  public void resume() {
    ChannelHandlerContext ctx = context();
    ctx.channel().config().setAutoRead(true);
    if (decoding) {
      // The decoder continues by itself. A nested call would leave it waiting without end.
      return;
    }
    try {
      ((ChannelInboundHandler) ctx.handler()).channelRead(ctx, Unpooled.EMPTY_BUFFER);
    } catch (Exception broken) {
      ctx.fireExceptionCaught(broken);
    }
  }
}
