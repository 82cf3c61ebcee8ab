package org.tlsuplift.proxy.mail.guard;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.mail.HeaderBlock;
import org.tlsuplift.proxy.mail.KeptBytes;
import org.tlsuplift.proxy.mail.LineEnds;
import org.tlsuplift.proxy.mail.MailPolicy;
import org.tlsuplift.proxy.mail.guard.Command.End;
import org.tlsuplift.proxy.outcome.MessageRefusal;

/**
 * The data of the messages of one session, from 354 to the line with the dot: finds the end, and
 * passes the data on, with repaired line ends and another sender where the policy has them.
 *
 * <p>A message passes without a copy unless it changes. If it is refused while it arrives, the rest
 * of it is dropped, so that the device gets the reply where it expects one.
 */
final class MessageData {
  /** In bytes. A device that sends more after its message was refused gets no reply. */
  private static final long MAX_DROPPED = 64L << 20;

  private static final int END_OF_DATA = 3;

  private final MailPolicy policy;
  private final Runnable complete;
  private final DataEnd end = new DataEnd();
  private final KeptBytes out = new KeptBytes();
  private final @Nullable LineRepair repair;
  private final @Nullable HeaderBlock header;
  private @Nullable Transaction message;
  private @Nullable End refusal;
  private long dropped;
  private boolean completed;

  /**
   * Handles the data of one session.
   *
   * @param complete called when a message is complete, before its last bytes pass on
   */
  MessageData(MailPolicy policy, Runnable complete) {
    this.policy = policy;
    this.complete = complete;
    this.repair = policy.repairLineEnds() == LineEnds.PASS ? null : new LineRepair();
    this.header = policy.rewriteFrom() == null ? null : new HeaderBlock(policy.rewriteFrom());
  }

  /** Starts the data of a message. */
  void begin(Transaction of) {
    message = of;
    refusal = null;
    dropped = 0;
    end.reset();
    if (repair != null) {
      repair.reset();
    }
    if (header != null) {
      header.reset();
    }
  }

  /**
   * Takes over the next piece, and passes on its part of the message.
   *
   * @param rest gets the bytes after the message
   * @return why the session must end, or null
   */
  @Nullable End take(ChannelHandlerContext ctx, ByteBuf piece, KeptBytes rest) {
    int length = piece.readableBytes();
    int found = find(ctx, piece, rest);
    if (found == DataEnd.AMBIGUOUS) {
      return End.AMBIGUOUS_DOT;
    }
    boolean last = found != DataEnd.NONE;
    count(length - rest.size() - (last ? END_OF_DATA : 0), last);
    if (policy.repairLineEnds() == LineEnds.REFUSE && repair != null && repair.repaired() > 0) {
      out.release();
      return refusal == null ? End.BARE_LINE_END : refusal;
    }
    if (refusal == null) {
      pass(ctx, last);
    }
    if (refusal == null) {
      return null;
    }
    out.release();
    dropped += length;
    return last || dropped > MAX_DROPPED ? refusal : null;
  }

  /** Finds the end, and moves the message's part of the piece to {@link #out}. */
  private int find(ChannelHandlerContext ctx, ByteBuf piece, KeptBytes rest) {
    if (repair != null) {
      return repair.take(ctx.alloc(), piece, rest, out);
    }
    int found = end.find(piece);
    if (found == DataEnd.AMBIGUOUS) {
      piece.release();
      return found;
    }
    if (found != DataEnd.NONE) {
      rest.put(piece.retainedSlice(found, piece.writerIndex() - found));
      piece.writerIndex(found);
    }
    out.put(piece);
    return found;
  }

  private void count(long bytes, boolean last) {
    Transaction of = message();
    of.addSize(bytes);
    if (repair != null && last) {
      of.addRepaired(repair.repaired());
    }
    // The line that ends the data may have begun: a dot and a CR.
    long most = policy.maximumSize() + (last ? 0 : END_OF_DATA - 1);
    if (policy.maximumSize() > 0 && of.size() > most && refusal == null) {
      refuse(End.tooLarge(MessageRules.tooLarge(policy)), MessageRefusal.TOO_LARGE);
    }
  }

  private void refuse(End why, MessageRefusal reason) {
    refusal = why;
    message().refused(new Refusal(reason, why.reply()));
    if (header != null) {
      header.release();
    }
  }

  private void pass(ChannelHandlerContext ctx, boolean last) {
    ByteBuf part = out.take();
    if (part == null) {
      return;
    }
    Consumer<ByteBuf> next = last ? bytes -> passLast(ctx, bytes) : bytes -> pass(ctx, bytes);
    completed = false;
    if (repair != null) {
      transform(ctx, part, last, next);
    } else if (last) {
      end.passHeld(ctx.alloc(), bytes -> transform(ctx, bytes, false, next));
      transform(ctx, part, true, next);
    } else {
      end.passPart(part, bytes -> transform(ctx, bytes, false, next));
    }
  }

  /** Rewrites the header; the rest of the data passes. */
  private void transform(
      ChannelHandlerContext ctx, ByteBuf part, boolean last, Consumer<ByteBuf> next) {
    if (header == null || header.isPassed()) {
      next.accept(part);
    } else if (!header.add(ctx.alloc(), part, last, message().envelopeSender(), next)) {
      refuse(End.HEADER_TOO_LARGE, MessageRefusal.HEADER_TOO_LARGE);
    }
  }

  private void passLast(ChannelHandlerContext ctx, ByteBuf part) {
    if (!completed) {
      completed = true;
      complete.run();
    }
    pass(ctx, part);
  }

  private static void pass(ChannelHandlerContext ctx, ByteBuf part) {
    if (part.isReadable()) {
      ctx.fireChannelRead(part);
    } else {
      part.release();
    }
  }

  private Transaction message() {
    if (message == null) {
      throw new IllegalStateException("no message has begun");
    }
    return message;
  }

  void release() {
    out.release();
    if (repair != null) {
      repair.release();
    }
    if (header != null) {
      header.release();
    }
  }
}
