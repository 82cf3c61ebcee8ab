package org.tlsuplift.proxy.mail.guard;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.Consumer;
import org.tlsuplift.proxy.mail.MailText;

/**
 * Finds the end of a message's data (RFC 5321 section 4.1.1.4) in pieces of any size, and sequences
 * that another server may mistake for the end.
 *
 * <p>Only CRLF, dot, CRLF is the end. Some servers also accept a dot between line ends if one of
 * them is a bare CR, a bare LF, or next to a NUL. A message could use this to smuggle in another
 * message (the class of CVE-2023-51764), so it must not pass. The search examines only dots, which
 * are rare in mail, and allocates nothing. Pieces are passed on in their own buffers.
 */
public final class DataEnd {
  /** All bytes so far belong to the message. */
  public static final int NONE = -1;

  /** Some servers may mistake a dot for the end. */
  public static final int AMBIGUOUS = -2;

  /** In bytes. A loop of fixed length over a block takes half the time of single steps. */
  private static final int BLOCK = 256;

  /** In bytes. Where dots are close together, no whole block is read for each of them. */
  private static final int NEAR = 32;

  private static final long EACH_BYTE = 0x0101010101010101L;
  private static final long DOTS = EACH_BYTE * '.';
  private static final long HIGH_BITS = EACH_BYTE << 7;

  /** In the order of the machine, which costs less than the order of the buffer. */
  private static final VarHandle EIGHT_BYTES =
      MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.nativeOrder());

  private enum Tail {
    TEXT,
    DOT,
    DOT_CR
  }

  private Tail tail = Tail.TEXT;
  private boolean afterCrLf;
  private boolean heldCr;
  private byte last = '\n';
  private byte lastButOne = '\r';

  /** Starts a new message, after the CRLF of its DATA command. */
  public void reset() {
    tail = Tail.TEXT;
    heldCr = false;
    last = '\n';
    lastButOne = '\r';
  }

  /** Passes on the byte that was held back, if there is one; the last piece comes next. */
  void passHeld(ByteBufAllocator allocator, Consumer<ByteBuf> out) {
    if (heldCr) {
      heldCr = false;
      out.accept(MailText.encode(allocator, "\r"));
    }
  }

  /**
   * Passes on a piece that is not the last. A CR that would end the message together with the next
   * LF is held back, so that no server mistakes it for the end.
   */
  void passPart(ByteBuf piece, Consumer<ByteBuf> out) {
    if (tail == Tail.DOT_CR && piece.isReadable()) {
      heldCr = true;
      piece.writerIndex(piece.writerIndex() - 1);
    }
    out.accept(piece);
  }

  /** How many of the last bytes may begin the end: a dot, or a dot and a CR. */
  public int begun() {
    return tail == Tail.TEXT ? 0 : tail == Tail.DOT ? 1 : 2;
  }

  /**
   * Searches the next piece.
   *
   * @return the index after the end, {@link #NONE} or {@link #AMBIGUOUS}; call {@link #reset}
   *     before the next search unless it is {@link #NONE}
   */
  public int find(ByteBuf data) {
    int from = data.readerIndex();
    int end = data.writerIndex();
    int found = search(data, from, end);
    if (found == NONE) {
      lastButOne = before(data, end, 2);
      last = before(data, end, 1);
    }
    return found;
  }

  private int search(ByteBuf data, int from, int end) {
    int found = afterDot(data, from, end);
    for (int dot = nextDot(data, from, end);
        dot >= 0 && tail == Tail.TEXT;
        dot = nextDot(data, dot + 1, end)) {
      byte before = before(data, dot, 1);
      if (isBreak(before)) {
        tail = Tail.DOT;
        afterCrLf = before == '\n' && before(data, dot, 2) == '\r';
        found = afterDot(data, dot + 1, end);
      }
    }
    return found;
  }

  /**
   * The index of the next dot, or -1. It reads whole blocks of the buffer's memory, because the
   * search is all that a message without dots costs.
   */
  private static int nextDot(ByteBuf data, int from, int end) {
    int index = from;
    if (end - from >= BLOCK && data.nioBufferCount() == 1) {
      ByteBuffer bytes = data.internalNioBuffer(from, end - from);
      int offset = bytes.position() - from;
      if (!hasDot(bytes, index + offset, NEAR)) {
        while (index <= end - BLOCK && !hasDot(bytes, index + offset, BLOCK)) {
          index += BLOCK;
        }
      }
    }
    return data.indexOf(index, end, (byte) '.');
  }

  private static boolean hasDot(ByteBuffer bytes, int from, int length) {
    long dots = 0;
    for (int at = from; at < from + length; at += Long.BYTES) {
      dots |= dots(bytes, at);
    }
    return (dots & HIGH_BITS) != 0;
  }

  /** Sets a high bit if one of eight bytes is a dot, and other bits. */
  private static long dots(ByteBuffer bytes, int at) {
    long eight = (long) EIGHT_BYTES.get(bytes, at) ^ DOTS;
    return (eight - EACH_BYTE) & ~eight;
  }

  /** Continues after a dot at the start of a line, if there was one. */
  private int afterDot(ByteBuf data, int from, int end) {
    int at = from;
    if (tail == Tail.DOT && at < end) {
      byte next = data.getByte(at);
      if (!isBreak(next)) {
        tail = Tail.TEXT;
        return NONE;
      }
      if (next != '\r' || !afterCrLf) {
        return AMBIGUOUS;
      }
      tail = Tail.DOT_CR;
      at++;
    }
    if (tail == Tail.DOT_CR && at < end) {
      return data.getByte(at) == '\n' ? at + 1 : AMBIGUOUS;
    }
    return NONE;
  }

  private byte before(ByteBuf data, int index, int distance) {
    int at = index - distance;
    if (at >= data.readerIndex()) {
      return data.getByte(at);
    }
    return at == data.readerIndex() - 1 ? last : lastButOne;
  }

  private static boolean isBreak(byte value) {
    return value == '\n' || value == '\r' || value == 0;
  }
}
