package org.tlsuplift.proxy.mail;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.TooLongFrameException;

/**
 * Finds the ends of lines in bytes that come in pieces of any size, and looks at each byte once.
 *
 * <p>Lines end with CRLF; a bare LF is taken too, as old devices send it. For one stream, on one
 * thread.
 */
public final class LineEnds {
  private final int maxLength;
  private int searched;

  /**
   * For lines of a stream.
   *
   * @param maxLength how many bytes may stand before the LF
   */
  public LineEnds(int maxLength) {
    this.maxLength = maxLength;
  }

  /**
   * Finds the end of the next line; its bytes are to be taken, and then its end by {@link #skip}.
   *
   * @param in between calls only appended to
   * @return the line's length without its end, or -1 when it is not complete
   * @throws TooLongFrameException when the line is too long
   */
  public int next(ByteBuf in) {
    int found = in.indexOf(in.readerIndex() + searched, in.writerIndex(), (byte) '\n');
    int length = (found < 0 ? in.writerIndex() : found) - in.readerIndex();
    if (length > maxLength) {
      throw new TooLongFrameException("a line is longer than " + maxLength + " bytes");
    }
    if (found < 0) {
      searched = length;
      return -1;
    }
    searched = 0;
    boolean cr = length > 0 && in.getByte(found - 1) == '\r';
    return cr ? length - 1 : length;
  }

  /** Takes the end of a line. */
  public static void skip(ByteBuf in) {
    if (in.readByte() == '\r') {
      in.skipBytes(1);
    }
  }
}
