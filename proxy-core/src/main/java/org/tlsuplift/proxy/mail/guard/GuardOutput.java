package org.tlsuplift.proxy.mail.guard;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import org.tlsuplift.proxy.mail.KeptBytes;
import org.tlsuplift.proxy.mail.MailText;
import org.tlsuplift.proxy.mail.guard.Command.Expected;

/** Writes to both sides of one session: what passes to the origin, and this proxy's replies. */
final class GuardOutput {
  private final ReplySplitter replies;

  /** Whether a reply was written since the last flush. */
  private boolean replied;

  GuardOutput(ReplySplitter replies) {
    this.replies = replies;
  }

  /** Passes a command, and expects its reply. */
  void pass(ChannelHandlerContext ctx, CommandRules.Decision.Pass pass) {
    replies.expect(pass.expected(), pass.message());
    ctx.fireChannelRead(MailText.encode(ctx.alloc(), pass.line()));
  }

  /** Passes a line that may hold a password in its own buffer, so that no other copy is made. */
  void passSignIn(ChannelHandlerContext ctx, Command.SignIn line, ByteBuf kept) {
    replies.expect(Expected.SIGN_IN);
    ctx.fireChannelRead(kept.readRetainedSlice(line.length() - (line.bareLf() ? 1 : 0)));
    if (line.bareLf()) {
      kept.skipBytes(1);
      ctx.fireChannelRead(MailText.encode(ctx.alloc(), "\r\n"));
    }
  }

  /** Passes bytes of a chunk in their own buffer. */
  static void passChunk(ChannelHandlerContext ctx, KeptBytes held, ByteBuf kept, int bytes) {
    if (bytes == kept.readableBytes()) {
      held.take();
      ctx.fireChannelRead(kept);
    } else {
      ctx.fireChannelRead(kept.readRetainedSlice(bytes));
    }
  }

  /** Writes a reply to the device in place of the origin. */
  void reply(ChannelHandlerContext ctx, String reply) {
    replied = true;
    var unused = ctx.write(MailText.encode(ctx.alloc(), MailText.reply(reply)), ctx.voidPromise());
  }

  /** Sends what {@link #reply} wrote; an idle flush would cost the TLS handler an empty record. */
  void flush(ChannelHandlerContext ctx) {
    if (replied) {
      replied = false;
      ctx.flush();
    }
  }
}
