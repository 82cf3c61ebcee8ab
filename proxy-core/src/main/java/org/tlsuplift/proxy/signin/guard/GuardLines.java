package org.tlsuplift.proxy.signin.guard;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.TooLongFrameException;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Lines with their ends, each byte one character, so that they can be sent on unchanged. */
final class GuardLines {
  /** RFC 5321 section 4.5.3.1.4 has 512, and extensions add to it; tokens do not come here. */
  static final int MAX_LENGTH = 4096;

  private static final int MAX_TEXT = 400;

  private GuardLines() {}

  /**
   * Takes the next line, or answers null when it is not complete.
   *
   * @throws TooLongFrameException when the line is longer than {@link #MAX_LENGTH}
   */
  static @Nullable String next(ByteBuf in) {
    int newline = in.indexOf(in.readerIndex(), in.writerIndex(), (byte) '\n');
    int length = (newline < 0 ? in.writerIndex() : newline + 1) - in.readerIndex();
    if (length > MAX_LENGTH) {
      throw new TooLongFrameException("a line is longer than " + MAX_LENGTH + " bytes");
    }
    if (newline < 0) {
      return null;
    }
    String line = in.toString(in.readerIndex(), length, StandardCharsets.ISO_8859_1);
    in.skipBytes(length);
    return line;
  }

  /** The bytes of lines that have their ends. */
  static ByteBuf encode(ByteBufAllocator allocator, String lines) {
    return ByteBufUtil.encodeString(allocator, CharBuffer.wrap(lines), StandardCharsets.ISO_8859_1);
  }

  /** A reply of ours: printable ASCII in one line of bounded length, with its end. */
  static String reply(String text) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < text.length() && line.length() < MAX_TEXT; i++) {
      char c = text.charAt(i);
      line.append(c >= ' ' && c < 0x7f ? c : '?');
    }
    return line.append("\r\n").toString();
  }
}
