package org.tlsuplift.proxy.mail.signin;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.TooLongFrameException;
import org.jspecify.annotations.Nullable;

/** Cuts bytes into lines that may hold secrets, and leaves nothing of them behind. */
final class SecretLines {
  /** More than a name of 255 and a password of 1,024 characters become in base64. */
  static final int MAX_LENGTH = 8192;

  private int searched;

  /**
   * Takes the next line, without its end (CRLF, or a bare LF of old devices), or answers null when
   * it is not complete.
   *
   * @param in between calls only appended to
   * @throws TooLongFrameException when the line is longer than {@link #MAX_LENGTH}
   */
  byte @Nullable [] next(ByteBuf in) {
    int found = in.indexOf(in.readerIndex() + searched, in.writerIndex(), (byte) '\n');
    int length = (found < 0 ? in.writerIndex() : found) - in.readerIndex();
    if (length > MAX_LENGTH) {
      throw new TooLongFrameException("a line is longer than " + MAX_LENGTH + " bytes");
    }
    if (found < 0) {
      searched = length;
      return null;
    }
    searched = 0;
    boolean cr = length > 0 && in.getByte(found - 1) == '\r';
    byte[] line = take(in, cr ? length - 1 : length);
    in.skipBytes(found + 1 - in.readerIndex());
    return line;
  }

  /** Takes so many bytes, which are there. */
  static byte[] take(ByteBuf in, int length) {
    byte[] taken = new byte[length];
    in.getBytes(in.readerIndex(), taken);
    in.setZero(in.readerIndex(), length);
    in.skipBytes(length);
    return taken;
  }
}
