package org.tlsuplift.proxy.mail.guard;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.mail.KeptBytes;

/**
 * Turns each bare CR and bare LF of a message's data into CRLF, in pieces of any size, and finds
 * the end of the data.
 *
 * <p>Only CRLF, dot, CRLF is the end. The device has doubled the dots after its CRLFs (RFC 5321
 * section 4.5.2). After other line ends some devices double them, such as Python's smtplib, and
 * some do not, such as curl: two dots stay, as Postfix reads them, and this class doubles a single
 * one. A line with only a dot between other line ends is text. CR CR LF, which some programs write,
 * is one line end. A dot beside a NUL that some servers may mistake for the end is {@link
 * DataEnd#AMBIGUOUS}.
 *
 * <p>A piece in which nothing changes passes in its own buffer. At most two bytes are held back.
 */
final class LineRepair {
  /** Bytes below this are rare in mail, apart from those in line ends. */
  private static final int FIRST_OTHER = 0x0e;

  private static final long BELOW_FIRST_OTHER = 0x0101010101010101L * FIRST_OTHER;

  /** In bytes. A piece with few repairs is copied once. */
  private static final int SLACK = 64;

  private static final short CR_LF = 0x0d0a;

  private static final long HIGH_BITS = 0x8080808080808080L;

  /** What the bytes so far ended with. The names that begin with HELD stand for unsent bytes. */
  private enum At {
    TEXT,
    /** Behind a NUL. */
    NUL,
    /** Behind CRLF, where the device doubles dots. */
    LINE,
    /** Behind a line end that was repaired. */
    REPAIRED_LINE,
    HELD_CR("\r", TEXT),
    HELD_CR_CR("\r\r", TEXT),
    HELD_DOT(".", LINE),
    HELD_DOT_CR(".\r", LINE),
    /** A dot behind a line end that was repaired. */
    HELD_REPAIRED_DOT(".", REPAIRED_LINE),
    HELD_REPAIRED_DOT_CR(".\r", REPAIRED_LINE),
    /** A dot behind a NUL. */
    HELD_NUL_DOT(".", NUL);

    private final String held;
    private final @Nullable At before;

    At() {
      this("", null);
    }

    At(String held, @Nullable At before) {
      this.held = held;
      this.before = before;
    }
  }

  private At at = At.LINE;
  private long repaired;

  /** The copy of the piece, or null while it equals the piece. */
  private @Nullable ByteBuf copy;

  private int copied;

  /** Starts a new message, after the CRLF of its DATA command. */
  void reset() {
    at = At.LINE;
    repaired = 0;
  }

  /** The line ends of this message that were repaired. */
  long repaired() {
    return repaired;
  }

  /**
   * Handles the next piece, and takes over its ownership.
   *
   * @param rest gets the bytes after the end
   * @param out gets the bytes to pass on, unless the piece is ambiguous
   * @return whether this was the end: {@link DataEnd#NONE}, {@link DataEnd#AMBIGUOUS} or another
   *     number
   */
  int take(ByteBufAllocator allocator, ByteBuf piece, KeptBytes rest, KeptBytes out) {
    ByteBuf source = withHeld(allocator, piece);
    int end = source.writerIndex();
    copied = source.readerIndex();
    int found = DataEnd.NONE;
    for (int index = copied; index < end && found == DataEnd.NONE; index++) {
      if (at == At.TEXT) {
        index = afterPlainLines(source, index, end);
      }
      if (index < end) {
        found = step(allocator, source, index);
      }
    }
    if (found == DataEnd.AMBIGUOUS) {
      source.release();
      release();
      return found;
    }
    if (found != DataEnd.NONE) {
      rest.put(source.retainedSlice(found, end - found));
    }
    out.put(passed(source, found == DataEnd.NONE ? end - at.held.length() : found));
    return found;
  }

  /** The bytes that were held back, and the piece behind them. */
  private ByteBuf withHeld(ByteBufAllocator allocator, ByteBuf piece) {
    At before = at.before;
    if (before == null || !piece.isReadable()) {
      return piece;
    }
    ByteBuf both = allocator.buffer(at.held.length() + piece.readableBytes());
    both.writeCharSequence(at.held, StandardCharsets.US_ASCII);
    both.writeBytes(piece);
    piece.release();
    at = before;
    return both;
  }

  private ByteBuf passed(ByteBuf source, int end) {
    ByteBuf changed = copy;
    if (changed == null) {
      // An empty piece leaves the held bytes where they are.
      source.writerIndex(Math.max(end, source.readerIndex()));
      return source;
    }
    flush(source, end);
    source.release();
    copy = null;
    return changed;
  }

  void release() {
    if (copy != null) {
      copy.release();
      copy = null;
    }
  }

  private int step(ByteBufAllocator allocator, ByteBuf piece, int index) {
    byte next = piece.getByte(index);
    switch (at) {
      case TEXT -> at = afterText(allocator, piece, index, next);
      case NUL -> at = next == '.' ? At.HELD_NUL_DOT : afterText(allocator, piece, index, next);
      case LINE, REPAIRED_LINE -> at = afterLineEnd(allocator, piece, index, next);
      case HELD_CR, HELD_CR_CR -> at = afterCr(allocator, piece, index, next);
      case HELD_DOT, HELD_REPAIRED_DOT -> {
        if (next == 0) {
          return DataEnd.AMBIGUOUS;
        }
        at = afterDot(allocator, piece, index, next);
      }
      case HELD_DOT_CR -> {
        if (next == '\n') {
          at = At.LINE;
          return index + 1;
        }
        at = afterLoneDot(allocator, piece, index, next);
      }
      case HELD_REPAIRED_DOT_CR -> at = afterLoneDot(allocator, piece, index, next);
      case HELD_NUL_DOT -> {
        if (next == '\r' || next == '\n' || next == 0) {
          return DataEnd.AMBIGUOUS;
        }
        at = At.TEXT;
      }
    }
    return DataEnd.NONE;
  }

  private At afterText(ByteBufAllocator allocator, ByteBuf piece, int index, byte next) {
    return switch (next) {
      case '\r' -> At.HELD_CR;
      case '\n' -> repair(allocator, piece, index, index + 1, "\r\n");
      case 0 -> At.NUL;
      default -> At.TEXT;
    };
  }

  private At afterLineEnd(ByteBufAllocator allocator, ByteBuf piece, int index, byte next) {
    if (next == '.') {
      return at == At.LINE ? At.HELD_DOT : At.HELD_REPAIRED_DOT;
    }
    return afterText(allocator, piece, index, next);
  }

  private At afterCr(ByteBufAllocator allocator, ByteBuf piece, int index, byte next) {
    boolean two = at == At.HELD_CR_CR;
    if (next == '\n') {
      if (two) {
        repair(allocator, piece, index - 2, index + 1, "\r\n");
      }
      return At.LINE;
    }
    if (next == '\r' && !two) {
      return At.HELD_CR_CR;
    }
    // The CRs are bare. The byte stands at the start of the line that they begin.
    if (two) {
      repaired++;
    }
    at = repair(allocator, piece, index - (two ? 2 : 1), index, two ? "\r\n\r\n" : "\r\n");
    return afterLineEnd(allocator, piece, index, next);
  }

  private At afterDot(ByteBufAllocator allocator, ByteBuf piece, int index, byte next) {
    boolean doubled = at == At.HELD_DOT;
    if (next == '\r') {
      return doubled ? At.HELD_DOT_CR : At.HELD_REPAIRED_DOT_CR;
    }
    if (next == '\n') {
      return repair(allocator, piece, index - 1, index + 1, "..\r\n");
    }
    if (!doubled && next != '.') {
      replace(allocator, piece, index - 1, index, "..");
    }
    return At.TEXT;
  }

  /** Behind a dot and a CR that do not end the data: the dot is the text of a line. */
  private At afterLoneDot(ByteBufAllocator allocator, ByteBuf piece, int index, byte next) {
    if (next == '\n') {
      replace(allocator, piece, index - 2, index + 1, "..\r\n");
      return At.LINE;
    }
    at = repair(allocator, piece, index - 2, index, "..\r\n");
    return afterLineEnd(allocator, piece, index, next);
  }

  private At repair(ByteBufAllocator allocator, ByteBuf piece, int from, int to, String by) {
    repaired++;
    replace(allocator, piece, from, to, by);
    return At.REPAIRED_LINE;
  }

  private void replace(ByteBufAllocator allocator, ByteBuf piece, int from, int to, String by) {
    if (copy == null) {
      copy = allocator.buffer(piece.readableBytes() + SLACK);
    }
    flush(piece, from);
    copy.writeCharSequence(by, StandardCharsets.US_ASCII);
    copied = to;
  }

  /** Copies the bytes up to an index. */
  private void flush(ByteBuf piece, int to) {
    ByteBuf into = copy;
    if (into != null && to > copied) {
      into.writeBytes(piece, copied, to - copied);
      copied = to;
    }
  }

  /** The index after text whose lines end with CRLF and do not begin with a dot. */
  private static int afterPlainLines(ByteBuf bytes, int from, int end) {
    int index = nextBelow(bytes, from, end);
    while (index + 2 < end && bytes.getShort(index) == CR_LF && bytes.getByte(index + 2) != '.') {
      index = nextBelow(bytes, index + 2, end);
    }
    return index;
  }

  /** The index of the next byte below {@link #FIRST_OTHER}, or {@code end}. */
  private static int nextBelow(ByteBuf bytes, int from, int end) {
    int index = from;
    for (; index + Long.BYTES <= end; index += Long.BYTES) {
      long eight = bytes.getLongLE(index);
      // The lowest bit that is set belongs to the first such byte: a subtraction only carries up.
      long found = (eight - BELOW_FIRST_OTHER) & ~eight & HIGH_BITS;
      if (found != 0) {
        return index + Long.numberOfTrailingZeros(found) / Byte.SIZE;
      }
    }
    while (index < end && (bytes.getByte(index) & 0xff) >= FIRST_OTHER) {
      index++;
    }
    return index;
  }
}
