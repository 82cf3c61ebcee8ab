package org.tlsuplift.proxy.mail.guard;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.mail.DeviceQuotas;
import org.tlsuplift.proxy.mail.KeptBytes;
import org.tlsuplift.proxy.mail.LineEnds;
import org.tlsuplift.proxy.mail.MailPolicy;
import org.tlsuplift.proxy.mail.MailText;
import org.tlsuplift.proxy.mail.guard.Command.Expected;
import org.tlsuplift.proxy.mail.guard.CommandRules.Decision;
import org.tlsuplift.proxy.model.PermitResult;
import org.tlsuplift.proxy.model.UnhandledVariantException;

/**
 * Guards the relay of an SMTP session on the device's side: checks the device's commands and
 * rewrites the origin's replies.
 *
 * <p>Commands pass at once, pipelined or not (RFC 2920), unless a reply that has not come decides
 * what they mean. This proxy's own replies keep their place among the origin's. During a wait the
 * guard keeps the device's bytes, and stops reading above {@value #MAX_HELD} bytes plus one read. A
 * message passes without a copy, unless its policy changes it.
 */
public final class SmtpGuard extends ChannelDuplexHandler {
  /**
   * The beginning of the reply to a message that this proxy keeps and delivers later; its id
   * follows.
   */
  public static final String KEPT = "250 2.0.0 TLS Uplift keeps and delivers the message as ";

  /** RFC 5321 section 3.8: a server may send this reply at any time before it closes. */
  private static final String CLOSING = "421";

  /** In bytes. */
  static final int MAX_HELD = 16 * 1024;

  private static final GuardState COMMANDS = new GuardState.Commands();
  private static final GuardState DATA = new GuardState.Data();
  private static final GuardState ENDED = new GuardState.Ended();

  private final GuardCallbacks callbacks;
  private final Messages messages;
  private final CommandReader commands;
  private final CommandRules rules;
  private final ReplySplitter replies;
  private final MessageData data;
  private final KeptBytes held = new KeptBytes();

  /** The events by which the device closed its direction, after the kept bytes. */
  private final Deque<Object> ends = new ArrayDeque<>(2);

  private GuardState state = COMMANDS;
  private boolean proceeding;
  private boolean readWanted;

  /** Whether a reply was written to the device since the last flush. */
  private boolean replied;

  private Command.@Nullable End originFault;

  /**
   * Creates the guard of one session.
   *
   * @param ofListener the rules of the listener
   * @param quota counts the messages and recipients of the device
   * @param mailbox of a device that this proxy has signed in, or null for a device that signs in
   *     itself or not at all
   * @param offered the origin's list of capabilities, if it is known before the session's first
   *     EHLO; otherwise empty
   */
  public SmtpGuard(
      MailPolicy ofListener,
      DeviceQuotas.Quota quota,
      @Nullable GuardedMailbox mailbox,
      List<String> offered,
      GuardCallbacks callbacks) {
    boolean signedIn = mailbox != null;
    MailPolicy policy = ofListener.in(mailbox == null ? null : mailbox.address());
    CapabilityFilter capabilities = new CapabilityFilter(policy, signedIn);
    capabilities.known(offered);
    this.callbacks = callbacks;
    this.messages = new Messages(callbacks::messageEnded);
    this.commands = new CommandReader(signedIn, policy.repairLineEnds() == LineEnds.REPAIR);
    this.rules =
        new CommandRules(
            policy, new MessageRules(policy, quota, mailbox), messages, capabilities, callbacks);
    this.replies = new ReplySplitter(capabilities, !signedIn, this::onReply);
    this.data = new MessageData(policy, this::onMessageComplete);
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
    flushReplies(ctx);
  }

  /** Reads from the device, at once or when fewer bytes are kept. */
  @Override
  public void read(ChannelHandlerContext ctx) {
    readWanted = true;
    readOn(ctx);
  }

  private void readOn(ChannelHandlerContext ctx) {
    if (readWanted && held.size() < MAX_HELD) {
      readWanted = false;
      ctx.read();
    }
  }

  @Override
  public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
    ByteBuf bytes = (ByteBuf) message;
    ByteBuf shown = Unpooled.EMPTY_BUFFER;
    try {
      if (state == ENDED) {
        bytes.release();
      } else {
        shown = replies.take(ctx.alloc(), bytes);
      }
    } catch (TooLongFrameException tooLong) {
      originFault = Command.End.longReply(String.valueOf(tooLong.getMessage()));
    }
    var unused = ctx.write(shown, promise);
    if (originFault != null && state != ENDED) {
      end(ctx, originFault);
    }
    resume(ctx);
  }

  private void onReply(Expected kind, @Nullable Transaction message, String line) {
    messages.answered(kind, message, line);
    if (kind == Expected.GO_AHEAD && state instanceof GuardState.AwaitingGoAhead) {
      state = line.startsWith("354") ? DATA : COMMANDS;
      if (state == DATA) {
        beginData(message);
      }
    } else if (kind == Expected.SIGN_IN && state instanceof GuardState.AwaitingChallenge) {
      state = line.startsWith("334") ? new GuardState.SignInLine() : COMMANDS;
    }
  }

  /** Returns the state in a chunk of which so many bytes have yet to come. */
  private static GuardState inChunk(long left) {
    return left == 0 ? COMMANDS : new GuardState.Chunk(left);
  }

  private void beginData(@Nullable Transaction message) {
    if (message != null && message == messages.current()) {
      data.begin(message);
    } else {
      originFault = Command.End.UNKNOWN_MESSAGE;
    }
  }

  /** Handles the kept bytes as far as possible. */
  private void resume(ChannelHandlerContext ctx) {
    boolean moved = !held.isEmpty();
    if (replies.outstanding() == 0 && state instanceof GuardState.AwaitingOrder waiting) {
      refuse(ctx, waiting.reply());
    } else if (replies.outstanding() == 0 && state instanceof GuardState.AwaitingReplies waiting) {
      moved = carryOut(ctx, waiting.next());
    }
    if (moved) {
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
    readOn(ctx);
  }

  /** Handles the next piece of the kept bytes. Returns whether there may be another. */
  private boolean step(ChannelHandlerContext ctx, ByteBuf kept) {
    if (state instanceof GuardState.Waiting) {
      return false;
    } else if (state instanceof GuardState.Commands) {
      return !replies.isFull() && carryOut(ctx, commands.next(kept, false));
    } else if (state instanceof GuardState.SignInLine) {
      return carryOut(ctx, commands.next(kept, true));
    } else if (state instanceof GuardState.Data) {
      held.take();
      Command.End fault = data.take(ctx, kept, held);
      if (fault != null) {
        end(ctx, fault);
      }
    } else if (state instanceof GuardState.Chunk chunk) {
      int part = (int) Math.min(chunk.left(), kept.readableBytes());
      state = inChunk(chunk.left() - part);
      passChunk(ctx, kept, part);
    } else if (state instanceof GuardState.Discarding discarding) {
      GuardState.Discarding rest = discarding.drop(kept);
      state = rest;
      if (rest.left() == 0) {
        refuse(ctx, rest.reply());
      }
    } else {
      throw new UnhandledVariantException(state);
    }
    return true;
  }

  private boolean carryOut(ChannelHandlerContext ctx, @Nullable Command command) {
    if (command == null) {
      return false;
    }
    carryOut(ctx, rules.decide(command, replies.outstanding() == 0));
    return true;
  }

  private void carryOut(ChannelHandlerContext ctx, Decision decision) {
    if (decision instanceof Decision.Pass pass) {
      state = pass.expected() == Expected.GO_AHEAD ? new GuardState.AwaitingGoAhead() : COMMANDS;
      pass(ctx, pass);
    } else if (decision instanceof Decision.PassChunk chunk) {
      state = inChunk(chunk.bytes());
      pass(ctx, chunk.command());
    } else if (decision instanceof Command.SignIn line) {
      state = new GuardState.AwaitingChallenge();
      passSignIn(ctx, line, Objects.requireNonNull(held.look()));
    } else if (decision instanceof Command.Refuse refuse && refuse.bytes() > 0) {
      state = new GuardState.Discarding(refuse.bytes(), refuse.reply());
    } else if (decision instanceof Command.Refuse refuse) {
      refuse(ctx, refuse.reply());
    } else if (decision instanceof Decision.Wait wait) {
      state = new GuardState.AwaitingReplies(wait.command());
    } else if (decision instanceof Decision.Ask ask) {
      ask(ctx, new GuardState.AwaitingPermit(ask.permit(), ask.mail()));
    } else if (decision instanceof Command.End end) {
      end(ctx, end);
    } else {
      throw new UnhandledVariantException(decision);
    }
  }

  /** Passes a command, and expects its reply. */
  private void pass(ChannelHandlerContext ctx, Decision.Pass pass) {
    replies.expect(pass.expected(), pass.message());
    ctx.fireChannelRead(MailText.encode(ctx.alloc(), pass.line()));
  }

  /** Passes a line that may hold a password in its own buffer, so that no other copy is made. */
  private void passSignIn(ChannelHandlerContext ctx, Command.SignIn line, ByteBuf kept) {
    replies.expect(Expected.SIGN_IN);
    ctx.fireChannelRead(kept.readRetainedSlice(line.length() - (line.bareLf() ? 1 : 0)));
    if (line.bareLf()) {
      kept.skipBytes(1);
      ctx.fireChannelRead(MailText.encode(ctx.alloc(), "\r\n"));
    }
  }

  /** Passes bytes of a chunk in their own buffer. */
  private void passChunk(ChannelHandlerContext ctx, ByteBuf kept, int bytes) {
    if (bytes == kept.readableBytes()) {
      held.take();
      ctx.fireChannelRead(kept);
    } else {
      ctx.fireChannelRead(kept.readRetainedSlice(bytes));
    }
  }

  /** Writes a reply to the device in place of the origin. */
  private void reply(ChannelHandlerContext ctx, String reply) {
    replied = true;
    var unused = ctx.write(MailText.encode(ctx.alloc(), MailText.reply(reply)), ctx.voidPromise());
  }

  /** Sends what {@link #reply} wrote; an idle flush would cost the TLS handler an empty record. */
  private void flushReplies(ChannelHandlerContext ctx) {
    if (replied) {
      replied = false;
      ctx.flush();
    }
  }

  private void ask(ChannelHandlerContext ctx, GuardState.AwaitingPermit waiting) {
    state = waiting;
    var unused =
        waiting
            .permit()
            .answer()
            .thenAccept(answer -> ctx.executor().execute(() -> onPermit(ctx, waiting, answer)));
  }

  private void onPermit(
      ChannelHandlerContext ctx, GuardState.AwaitingPermit waiting, PermitResult answer) {
    if (state == waiting) {
      carryOut(ctx, rules.afterPermit(waiting.mail(), answer));
      proceed(ctx);
      channelReadComplete(ctx);
    }
  }

  /** Replies in place of the origin, after the origin's replies to earlier commands. */
  private void refuse(ChannelHandlerContext ctx, String reply) {
    if (replies.outstanding() == 0) {
      state = COMMANDS;
      reply(ctx, reply);
    } else {
      state = new GuardState.AwaitingOrder(reply);
    }
  }

  private void onMessageComplete() {
    replies.expect(Expected.RECEIPT, messages.current());
    messages.sent();
    state = COMMANDS;
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event == ChannelInputShutdownEvent.INSTANCE || event instanceof SslCloseCompletionEvent) {
      ends.add(event);
      passEnd(ctx);
    } else {
      ctx.fireUserEventTriggered(event);
    }
  }

  private void passEnd(ChannelHandlerContext ctx) {
    boolean waits = !held.isEmpty() && (state.needsOrigin() || replies.isFull());
    if (ends.isEmpty() || waits) {
      return;
    }
    if (state instanceof GuardState.AwaitingPermit) {
      // The device that would get the reply has gone, and other devices wait for the permit.
      stop();
    }
    for (Object event = ends.poll(); event != null; event = ends.poll()) {
      ctx.fireChannelReadComplete();
      ctx.fireUserEventTriggered(event);
    }
  }

  private void end(ChannelHandlerContext ctx, Command.End why) {
    messages.refused(why);
    stop();
    reply(ctx, why.reply());
    if (!why.reply().startsWith(CLOSING)) {
      // The reply to the device's next command, which this proxy does not read.
      reply(ctx, CLOSING + " 4.3.0 The connection closes; connect again");
    }
    flushReplies(ctx);
    callbacks.guardEnded(why.reason(), why.refusal(), why.detail());
  }

  /** Ends the wait, and drops the kept bytes. */
  private void stop() {
    state.leave();
    state = ENDED;
    held.release();
    data.release();
  }

  /** Reports the messages that the session leaves unfinished. */
  public void sessionEnds() {
    messages.end();
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    stop();
    replies.release();
  }
}
