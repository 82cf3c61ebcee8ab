package org.tlsuplift.proxy.mail;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.TooLongFrameException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Cuts bytes into lines of text.
 *
 * <p>Lines end with CRLF; a bare LF is taken too, as old devices send it and nothing but commands
 * is read here. Each byte becomes one character, so that a line can be sent on unchanged.
 */
final class MailLines {
  /** RFC 9051 section 4 asks for 8,192 of servers; RFC 5321 and RFC 1939 are content with less. */
  static final int MAX_LENGTH = 8192;

  private int searched;

  /**
   * Takes the next line, without its end, or answers null when it is not complete.
   *
   * @param in between calls only appended to
   * @throws TooLongFrameException when the line is longer than {@link #MAX_LENGTH}
   */
  @Nullable String next(ByteBuf in) {
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
    String line =
        in.toString(in.readerIndex(), cr ? length - 1 : length, StandardCharsets.ISO_8859_1);
    in.readerIndex(found + 1);
    return line;
  }
}
