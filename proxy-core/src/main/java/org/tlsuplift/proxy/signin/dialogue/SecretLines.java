package org.tlsuplift.proxy.signin.dialogue;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.mail.LineEnds;

/** Cuts bytes into lines that may hold secrets, and leaves nothing of them behind. */
final class SecretLines {
  /** More than a name of 255 and a password of 1,024 characters become in base64. */
  static final int MAX_LENGTH = 8192;

  private final LineEnds ends = new LineEnds(MAX_LENGTH);

  /**
   * Takes the next line, without its end (CRLF, or a bare LF of old devices), or answers null when
   * it is not complete.
   *
   * @param in between calls only appended to
   * @throws io.netty.handler.codec.TooLongFrameException when the line is longer than {@link
   *     #MAX_LENGTH}
   */
  byte @Nullable [] next(ByteBuf in) {
    int length = ends.next(in);
    if (length < 0) {
      return null;
    }
    byte[] line = take(in, length);
    LineEnds.skip(in);
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
