package org.tlsuplift.proxy.mail;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandler;
import org.jspecify.annotations.Nullable;

/**
 * Writes lines for the decoder of a conversation, and lets it read on after it waited for an
 * answer. For one decoder, on its event loop.
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

  /** Writes lines that have their ends; empty for nothing. */
  public void write(String lines) {
    if (!lines.isEmpty()) {
      ChannelHandlerContext ctx = context();
      var unused = ctx.writeAndFlush(MailText.encode(ctx.alloc(), lines));
    }
  }

  /** Runs a step of {@code decode}, which the decoder repeats by itself. */
  public void decode(Runnable step) {
    decoding = true;
    try {
      step.run();
    } finally {
      decoding = false;
    }
  }

  /** Reads on, first of all what arrived while the decoder waited. */
  public void resume() {
    ChannelHandlerContext ctx = context();
    ctx.channel().config().setAutoRead(true);
    if (decoding) {
      // The decoder goes on by itself; a call from within would leave it waiting for ever.
      return;
    }
    try {
      ((ChannelInboundHandler) ctx.handler()).channelRead(ctx, Unpooled.EMPTY_BUFFER);
    } catch (Exception broken) {
      ctx.fireExceptionCaught(broken);
    }
  }
}
