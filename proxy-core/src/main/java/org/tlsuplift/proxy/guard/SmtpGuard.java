package org.tlsuplift.proxy.guard;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.guard.GuardState.AwaitingGoAhead;
import org.tlsuplift.proxy.guard.GuardState.AwaitingOrder;
import org.tlsuplift.proxy.guard.GuardState.AwaitingTurn;
import org.tlsuplift.proxy.guard.GuardState.Commands;
import org.tlsuplift.proxy.guard.GuardState.Data;
import org.tlsuplift.proxy.guard.GuardState.Deaf;
import org.tlsuplift.proxy.guard.GuardState.Discarding;
import org.tlsuplift.proxy.session.CloseReason;
import org.tlsuplift.proxy.session.MessageRefusal;
import org.tlsuplift.proxy.signin.MailAccount;
import org.tlsuplift.proxy.signin.MailboxKeeper;
import org.tlsuplift.proxy.signin.Turn;
import org.tlsuplift.proxy.signin.TurnAnswer;

/**
 * Stands in front of the relay of an SMTP session that was signed in, towards the device: reads the
 * device's commands on their way up and the origin's replies on their way down.
 *
 * <p>Commands pass as they come, pipelined or not (RFC 2920). Replies of ours come in their place
 * among the origin's. While something is waited for, what the device sends is kept, and not read
 * when it is more than {@link #MAX_HELD} bytes and what a read has brought already. A message
 * passes without being copied.
 */
public final class SmtpGuard extends ChannelDuplexHandler {
  private static final int MAX_HELD = 16 * 1024;

  /** Unanswered commands; RFC 2920 leaves it to the window of TCP. */
  private static final int MAX_OUTSTANDING = 128;

  private static final Commands COMMANDS = new Commands();
  private static final Data DATA = new Data();
  private static final Deaf DEAF = new Deaf();

  private final String mailbox;
  private final AllowedSenders senders;
  private final MailboxKeeper keeper;
  private final GuardListener listener;
  private final OriginReplies replies = new OriginReplies();
  private final DataEnd dataEnd = new DataEnd();

  /** The end of the device's output, behind what is kept. */
  private final Deque<Object> ends = new ArrayDeque<>(2);

  private GuardState state = COMMANDS;
  private @Nullable ByteBuf held;
  private @Nullable ByteBuf heldReply;
  private boolean heldCr;
  private boolean readWanted;
  private boolean proceeding;

  /**
   * For a session that relays.
   *
   * @param account whose senders are allowed, and whose mailbox sends
   * @param keeper when it is a message's turn
   */
  public SmtpGuard(MailAccount account, MailboxKeeper keeper, GuardListener listener) {
    this.mailbox = account.mailbox();
    this.senders = new AllowedSenders(account);
    this.keeper = keeper;
    this.listener = listener;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf bytes = (ByteBuf) message;
    if (state == DEAF) {
      bytes.release();
    } else if (state == DATA && held == null && !proceeding) {
      passData(ctx, bytes);
      proceed(ctx);
    } else {
      ByteBuf before = held;
      held =
          before == null
              ? bytes
              : ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(ctx.alloc(), before, bytes);
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
    ByteBuf kept = held;
    readWanted = kept != null && kept.readableBytes() >= MAX_HELD;
    if (!readWanted) {
      ctx.read();
    }
  }

  /** What the relay brings from the origin. */
  @Override
  public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
    ByteBuf bytes = (ByteBuf) message;
    if (!bytes.isReadable()) {
      down(ctx, bytes, promise);
      return;
    }
    if (state == DEAF) {
      bytes.release();
      down(ctx, Unpooled.EMPTY_BUFFER, promise);
      return;
    }
    ByteBuf before = heldReply;
    ByteBuf all =
        before == null
            ? bytes
            : ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(ctx.alloc(), before, bytes);
    heldReply = null;
    StringBuilder out = new StringBuilder();
    try {
      for (String line = GuardLines.next(all); line != null; line = GuardLines.next(all)) {
        answered(replies.take(line, out), line);
      }
    } catch (TooLongFrameException fault) {
      all.release();
      down(ctx, Unpooled.EMPTY_BUFFER, promise);
      end(
          ctx,
          "421 4.3.0 The origin's reply is too long",
          CloseReason.ORIGIN_PROTOCOL_ERROR,
          "the origin's reply: " + fault.getMessage());
      return;
    }
    if (all.isReadable()) {
      heldReply = all;
    } else {
      all.release();
    }
    down(
        ctx,
        out.isEmpty() ? Unpooled.EMPTY_BUFFER : GuardLines.encode(ctx.alloc(), out.toString()),
        promise);
    resume(ctx);
  }

  private static void down(ChannelHandlerContext ctx, ByteBuf bytes, ChannelPromise promise) {
    var unused = ctx.write(bytes, promise);
  }

  private void answered(@Nullable Expected what, String line) {
    if (what == Expected.GO_AHEAD && state instanceof AwaitingGoAhead) {
      boolean goAhead = line.startsWith("354");
      state = goAhead ? DATA : COMMANDS;
      dataEnd.reset();
    }
  }

  /** Goes on with what was kept, as far as it can be. */
  private void resume(ChannelHandlerContext ctx) {
    if (state instanceof AwaitingOrder waiting && replies.outstanding() == 0) {
      state = COMMANDS;
      say(ctx, waiting.reply());
    }
    if (held != null || !ends.isEmpty()) {
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
    for (ByteBuf kept = held; kept != null && moves; kept = held) {
      moves = step(ctx, kept);
      ByteBuf left = held;
      if (left != null && !left.isReadable()) {
        held = null;
        left.release();
      }
    }
    proceeding = false;
    passEnds(ctx);
    if (readWanted && (held == null || held.readableBytes() < MAX_HELD)) {
      readWanted = false;
      ctx.read();
    }
  }

  /** Takes the next piece of what is kept; answers whether there may be another. */
  private boolean step(ChannelHandlerContext ctx, ByteBuf kept) {
    if (state instanceof Commands) {
      return replies.outstanding() < MAX_OUTSTANDING && command(ctx, kept);
    } else if (state instanceof Data) {
      held = null;
      passData(ctx, kept);
      return true;
    } else if (state instanceof Discarding discarding) {
      int part = (int) Math.min(discarding.left(), kept.readableBytes());
      kept.skipBytes(part);
      state = new Discarding(discarding.left() - part, discarding.reply());
      if (part == discarding.left()) {
        refuse(ctx, discarding.reply());
      }
      return true;
    }
    return false;
  }

  private boolean command(ChannelHandlerContext ctx, ByteBuf kept) {
    String line;
    try {
      line = GuardLines.next(kept);
    } catch (TooLongFrameException fault) {
      endForDevice(ctx, "500 5.5.6 Line too long", "a command: " + fault.getMessage());
      return false;
    }
    if (line == null) {
      return false;
    }
    Command command = Command.of(line);
    if (command instanceof Command.Pass pass) {
      pass(ctx, line, pass.expected());
    } else if (command instanceof Command.Mail mail) {
      mail(ctx, line, mail.arguments());
    } else if (command instanceof Command.Refuse refuse) {
      refuse(ctx, refuse.reply());
    } else if (command instanceof Command.RefuseChunk chunk) {
      state = new Discarding(chunk.bytes(), chunk.reply());
      if (chunk.bytes() == 0) {
        refuse(ctx, chunk.reply());
      }
    } else if (command instanceof Command.End end) {
      endForDevice(ctx, end.reply(), "BDAT without the size of its chunk");
      return false;
    }
    return true;
  }

  private void pass(ChannelHandlerContext ctx, String line, Expected expected) {
    replies.expect(expected);
    state = expected == Expected.GO_AHEAD ? new AwaitingGoAhead() : COMMANDS;
    ctx.fireChannelRead(GuardLines.encode(ctx.alloc(), line));
  }

  private void mail(ChannelHandlerContext ctx, String line, String arguments) {
    String refusal = senders.refusal(arguments);
    if (refusal != null) {
      listener.messageRefused(MessageRefusal.SENDER_NOT_ALLOWED, refusal.substring(4));
      refuse(ctx, refusal);
      return;
    }
    Turn turn = keeper.message(mailbox);
    AwaitingTurn waiting = new AwaitingTurn(turn, line);
    state = waiting;
    var unused =
        turn.answer()
            .thenAccept(
                answer -> {
                  if (ctx.executor().inEventLoop() && !proceeding) {
                    onTurn(ctx, waiting, answer);
                  } else {
                    ctx.executor().execute(() -> onTurn(ctx, waiting, answer));
                  }
                });
  }

  private void onTurn(ChannelHandlerContext ctx, AwaitingTurn waiting, TurnAnswer answer) {
    if (state != waiting) {
      return;
    }
    if (answer instanceof TurnAnswer.Busy busy) {
      listener.messageRefused(MessageRefusal.TOO_MANY_MESSAGES, busy.why());
      refuse(ctx, "432 4.3.2 Try again later: " + busy.why());
    } else {
      pass(ctx, waiting.line(), Expected.REPLY);
    }
    proceed(ctx);
    ctx.fireChannelReadComplete();
    ctx.flush();
  }

  /** Answers in the place of the origin, once that has answered what came before. */
  private void refuse(ChannelHandlerContext ctx, String reply) {
    if (replies.outstanding() == 0) {
      state = COMMANDS;
      say(ctx, reply);
    } else {
      state = new AwaitingOrder(reply);
    }
  }

  private static void say(ChannelHandlerContext ctx, String reply) {
    var unused =
        ctx.write(GuardLines.encode(ctx.alloc(), GuardLines.reply(reply)), ctx.voidPromise());
  }

  /** Passes a piece of the message on, up to its end; what comes behind it is kept. */
  private void passData(ChannelHandlerContext ctx, ByteBuf bytes) {
    int found = dataEnd.find(bytes);
    if (found == DataEnd.AMBIGUOUS) {
      bytes.release();
      endForDevice(
          ctx,
          "554 5.6.0 A line with nothing but a dot has a bare CR or LF or a NUL beside it: lines end with CRLF",
          "a line of the message with nothing but a dot has a bare CR or LF or a NUL beside it");
      return;
    }
    if (heldCr && bytes.isReadable()) {
      heldCr = false;
      ctx.fireChannelRead(GuardLines.encode(ctx.alloc(), "\r"));
    }
    if (found != DataEnd.NONE) {
      ByteBuf behind =
          found == bytes.writerIndex()
              ? null
              : bytes.retainedSlice(found, bytes.writerIndex() - found);
      held = behind;
      bytes.writerIndex(found);
      replies.expect(Expected.REPLY);
      state = COMMANDS;
    } else if (dataEnd.endsWithin() && bytes.isReadable()) {
      heldCr = true;
      bytes.writerIndex(bytes.writerIndex() - 1);
    }
    if (bytes.isReadable()) {
      ctx.fireChannelRead(bytes);
    } else {
      bytes.release();
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event == ChannelInputShutdownEvent.INSTANCE || event instanceof SslCloseCompletionEvent) {
      ends.add(event);
      passEnds(ctx);
    } else {
      ctx.fireUserEventTriggered(event);
    }
  }

  /** The device says no more: whoever hears that behind us has got all that may pass. */
  private void passEnds(ChannelHandlerContext ctx) {
    boolean answersBehind = state instanceof AwaitingGoAhead || state instanceof AwaitingOrder;
    if (ends.isEmpty() || (held != null && answersBehind)) {
      return;
    }
    if (state instanceof AwaitingTurn) {
      // Whoever would hear the answer has gone, and others wait.
      stop();
    }
    for (Object end = ends.poll(); end != null; end = ends.poll()) {
      ctx.fireChannelReadComplete();
      ctx.fireUserEventTriggered(end);
    }
  }

  private void endForDevice(ChannelHandlerContext ctx, String reply, String detail) {
    end(ctx, reply, CloseReason.DEVICE_PROTOCOL_ERROR, detail);
  }

  private void end(ChannelHandlerContext ctx, String reply, CloseReason reason, String detail) {
    stop();
    say(ctx, reply);
    ctx.flush();
    listener.guardEnded(reason, detail);
  }

  /** Leaves the line, and forgets what is kept. */
  private void stop() {
    if (state instanceof AwaitingTurn waiting) {
      waiting.turn().end();
    }
    state = DEAF;
    ByteBuf kept = held;
    held = null;
    if (kept != null) {
      kept.release();
    }
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    stop();
    ByteBuf reply = heldReply;
    heldReply = null;
    if (reply != null) {
      reply.release();
    }
  }
}
