package org.tlsuplift.proxy.mail;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Cuts bytes into lines of text; nothing but commands is read here.
 *
 * <p>Each byte becomes one character, so that a line can be sent on unchanged.
 */
final class MailLines {
  /** RFC 9051 section 4 asks for 8,192 of servers; RFC 5321 and RFC 1939 are content with less. */
  static final int MAX_LENGTH = 8192;

  private final LineEnds ends = new LineEnds(MAX_LENGTH);

  /**
   * Takes the next line, without its end, or answers null when it is not complete.
   *
   * @param in between calls only appended to
   * @throws io.netty.handler.codec.TooLongFrameException when the line is longer than {@link
   *     #MAX_LENGTH}
   */
  @Nullable String next(ByteBuf in) {
    int length = ends.next(in);
    if (length < 0) {
      return null;
    }
    String line = in.toString(in.readerIndex(), length, StandardCharsets.ISO_8859_1);
    in.skipBytes(length);
    LineEnds.skip(in);
    return line;
  }
}
