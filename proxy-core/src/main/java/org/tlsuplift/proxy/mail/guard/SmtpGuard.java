package org.tlsuplift.proxy.mail.guard;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.TooLongFrameException;
import org.tlsuplift.proxy.mail.MailLines;
import org.tlsuplift.proxy.mail.MailText;
import org.tlsuplift.proxy.mail.guard.Command.Expected;
import org.tlsuplift.proxy.mail.guard.GuardState.AwaitingGoAhead;
import org.tlsuplift.proxy.mail.guard.GuardState.AwaitingOrder;
import org.tlsuplift.proxy.mail.guard.GuardState.AwaitingPermit;
import org.tlsuplift.proxy.mail.guard.GuardState.Commands;
import org.tlsuplift.proxy.mail.guard.GuardState.Data;
import org.tlsuplift.proxy.mail.guard.GuardState.Discarding;
import org.tlsuplift.proxy.mail.guard.GuardState.Ended;
import org.tlsuplift.proxy.mail.guard.GuardState.Waiting;
import org.tlsuplift.proxy.model.PermitResult;
import org.tlsuplift.proxy.model.UnhandledVariantException;

/**
 * Guards the relay of a signed-in SMTP session on the device's side: checks the device's commands
 * and rewrites the origin's replies.
 *
 * <p>Commands pass at once, pipelined or not (RFC 2920). This proxy's own replies keep their place
 * among the origin's. During a wait the guard keeps the device's bytes, and stops reading above
 * {@link #MAX_HELD} bytes plus one read. A message passes without a copy.
 */
public final class SmtpGuard extends ChannelDuplexHandler {
  private static final int MAX_HELD = 16 * 1024;

  private static final Commands COMMANDS = new Commands();
  private static final Data DATA = new Data();
  private static final Ended ENDED = new Ended();

  private final MessageAdmission admission;
  private final GuardCallbacks callbacks;
  private final ReplySplitter replies = new ReplySplitter(this::onDataAnswered);
  private final DataEnd data = new DataEnd();
  private final KeptBytes held = new KeptBytes();
  private final MailLines lines = new MailLines(Command.MAX_LENGTH);
  private final InputEnd inputEnd = new InputEnd();
  private GuardState state = COMMANDS;
  private boolean readWanted;
  private boolean proceeding;

  /**
   * Creates the guard of one session.
   *
   * @param mailbox has the allowed senders, and limits the messages
   */
  public SmtpGuard(GuardedMailbox mailbox, GuardCallbacks callbacks) {
    this.admission = new MessageAdmission(mailbox, callbacks);
    this.callbacks = callbacks;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf bytes = (ByteBuf) message;
    if (state == ENDED) {
      bytes.release();
    } else {
      held.add(ctx.alloc(), bytes);
      proceed(ctx);
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    ctx.fireChannelReadComplete();
    ctx.flush();
  }

  @Override
  public void read(ChannelHandlerContext ctx) {
    readWanted = held.size() >= MAX_HELD;
    if (!readWanted) {
      ctx.read();
    }
  }

  @Override
  public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
    ByteBuf bytes = (ByteBuf) message;
    if (state == ENDED) {
      bytes.release();
      var unused = ctx.write(Unpooled.EMPTY_BUFFER, promise);
      return;
    }
    ByteBuf shown;
    try {
      shown = replies.take(ctx.alloc(), bytes);
    } catch (TooLongFrameException fault) {
      var unused = ctx.write(Unpooled.EMPTY_BUFFER, promise);
      end(ctx, Command.End.longReply(String.valueOf(fault.getMessage())));
      return;
    }
    var unused = ctx.write(shown, promise);
    resume(ctx);
  }

  private void onDataAnswered(boolean goAhead) {
    if (state instanceof AwaitingGoAhead) {
      state = goAhead ? DATA : COMMANDS;
      data.reset();
    }
  }

  /** Handles the kept bytes as far as possible. */
  private void resume(ChannelHandlerContext ctx) {
    if (state instanceof AwaitingOrder waiting && replies.outstanding() == 0) {
      state = COMMANDS;
      say(ctx, waiting.reply());
    }
    if (!held.isEmpty()) {
      proceed(ctx);
      ctx.fireChannelReadComplete();
    }
  }

  private void proceed(ChannelHandlerContext ctx) {
    if (proceeding) {
      return;
    }
    proceeding = true;
    boolean moves = true;
    for (ByteBuf kept = held.look(); kept != null && moves; kept = held.look()) {
      moves = step(ctx, kept);
      held.trim();
    }
    proceeding = false;
    passEnd(ctx);
    if (readWanted && held.size() < MAX_HELD) {
      readWanted = false;
      ctx.read();
    }
  }

  /** Handles the next piece of the kept bytes. Returns whether there may be another. */
  private boolean step(ChannelHandlerContext ctx, ByteBuf kept) {
    if (state instanceof Commands) {
      return !replies.isFull() && command(ctx, kept);
    } else if (state instanceof Data) {
      held.take();
      passData(ctx, kept);
      return true;
    } else if (state instanceof Discarding discarding) {
      Discarding rest = discarding.drop(kept);
      state = rest;
      if (rest.left() == 0) {
        refuse(ctx, rest.reply());
      }
      return true;
    } else if (state instanceof Waiting) {
      return false;
    }
    throw new UnhandledVariantException(state);
  }

  private boolean command(ChannelHandlerContext ctx, ByteBuf kept) {
    Command command = Command.next(lines, kept);
    if (command instanceof Command.Pass pass) {
      pass(ctx, pass.line(), pass.expected());
    } else if (command instanceof Command.Mail mail) {
      mail(ctx, mail);
    } else if (command instanceof Command.Refuse refuse) {
      refuse(ctx, refuse.reply());
    } else if (command instanceof Command.RefuseChunk chunk) {
      state = new Discarding(chunk.bytes(), chunk.reply());
    } else if (command instanceof Command.End end) {
      end(ctx, end);
    } else if (command != null) {
      throw new UnhandledVariantException(command);
    }
    return command != null;
  }

  private void pass(ChannelHandlerContext ctx, String line, Expected expected) {
    replies.expect(expected);
    state = expected == Expected.GO_AHEAD ? new AwaitingGoAhead() : COMMANDS;
    ctx.fireChannelRead(MailText.encode(ctx.alloc(), line));
  }

  private void mail(ChannelHandlerContext ctx, Command.Mail mail) {
    String refusal = admission.refusal(mail.arguments());
    if (refusal != null) {
      refuse(ctx, refusal);
      return;
    }
    AwaitingPermit waiting = new AwaitingPermit(admission.permit(), mail.line());
    state = waiting;
    var unused =
        waiting
            .permit()
            .answer()
            .thenAccept(answer -> ctx.executor().execute(() -> onPermit(ctx, waiting, answer)));
  }

  private void onPermit(ChannelHandlerContext ctx, AwaitingPermit waiting, PermitResult answer) {
    if (state != waiting) {
      return;
    }
    String refusal = admission.refusal(answer);
    if (refusal == null) {
      pass(ctx, waiting.line(), Expected.REPLY);
    } else {
      refuse(ctx, refusal);
    }
    proceed(ctx);
    ctx.fireChannelReadComplete();
    ctx.flush();
  }

  /** Replies in place of the origin, after the origin's replies to earlier commands. */
  private void refuse(ChannelHandlerContext ctx, String reply) {
    if (replies.outstanding() == 0) {
      state = COMMANDS;
      say(ctx, reply);
    } else {
      state = new AwaitingOrder(reply);
    }
  }

  private static void say(ChannelHandlerContext ctx, String reply) {
    var unused = ctx.write(MailText.encode(ctx.alloc(), MailText.reply(reply)), ctx.voidPromise());
  }

  /** Passes on a piece of the message up to its end, and keeps the rest. */
  private void passData(ChannelHandlerContext ctx, ByteBuf bytes) {
    int found = data.find(bytes);
    if (found == DataEnd.AMBIGUOUS) {
      bytes.release();
      end(ctx, Command.End.AMBIGUOUS_DOT);
    } else if (found == DataEnd.NONE) {
      data.passPart(ctx, bytes);
    } else {
      held.put(bytes.retainedSlice(found, bytes.writerIndex() - found));
      bytes.writerIndex(found);
      replies.expect(Expected.REPLY);
      state = COMMANDS;
      data.passLast(ctx, bytes);
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (inputEnd.keep(event)) {
      passEnd(ctx);
    } else {
      ctx.fireUserEventTriggered(event);
    }
  }

  private void passEnd(ChannelHandlerContext ctx) {
    boolean originFirst =
        state instanceof AwaitingGoAhead || state instanceof AwaitingOrder || replies.isFull();
    if (!inputEnd.isKept() || (!held.isEmpty() && originFirst)) {
      return;
    }
    if (state instanceof AwaitingPermit) {
      // The device that would get the reply has gone, and other devices wait for the permit.
      stop();
    }
    inputEnd.pass(ctx);
  }

  private void end(ChannelHandlerContext ctx, Command.End why) {
    stop();
    say(ctx, why.reply());
    ctx.flush();
    callbacks.guardEnded(why.reason(), why.detail());
  }

  /** Ends the wait, and drops the kept bytes. */
  private void stop() {
    state.leave();
    state = ENDED;
    held.release();
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    stop();
    replies.release();
  }
}
