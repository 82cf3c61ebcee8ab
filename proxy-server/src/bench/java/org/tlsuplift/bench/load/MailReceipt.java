package org.tlsuplift.bench.load;

import io.netty.buffer.ByteBuf;
import java.util.zip.CRC32;

/** Counts and sums up the data of one message at the origin, and finds its end. */
final class MailReceipt {
  private static final int END_LENGTH = 5;

  /** CR, LF, dot, CR, LF. */
  private static final long END = 0x0d0a2e0d0aL;

  private static final long END_MASK = (1L << (END_LENGTH * Byte.SIZE)) - 1;

  private final CRC32 sum = new CRC32();
  private long length;
  private long last;

  /**
   * Returns whether the message ends with this piece. Devices send nothing more before the reply.
   */
  boolean isEndedBy(ByteBuf piece) {
    length += piece.readableBytes();
    sum.update(piece.nioBuffer());
    int end = piece.writerIndex();
    for (int at = Math.max(piece.readerIndex(), end - END_LENGTH); at < end; at++) {
      last = ((last << Byte.SIZE) | piece.getUnsignedByte(at)) & END_MASK;
    }
    return last == END;
  }

  String reply() {
    return MailMessage.receipt(length, sum);
  }
}
