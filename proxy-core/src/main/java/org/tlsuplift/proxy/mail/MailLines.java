package org.tlsuplift.proxy.mail;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.TooLongFrameException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Splits bytes that arrive in pieces of any size into lines. Each byte is examined once.
 *
 * <p>Lines end with CRLF. A bare LF is also accepted, because old devices send it. Each byte
 * becomes one character (ISO 8859-1), so that a line can be passed on unchanged. Between two calls
 * the buffer may only grow. A line that is too long causes a {@link TooLongFrameException}. For one
 * stream, on one thread.
 */
public final class MailLines {
  /**
   * In bytes. RFC 9051 section 4 expects servers to read 8,192 bytes. RFC 5321, RFC 1939 and a name
   * and password in base64 need less.
   */
  public static final int MAX_LENGTH = 8192;

  private final int maxLength;
  private int searched;

  public MailLines(int maxLength) {
    this.maxLength = maxLength;
  }

  /** The next line without its end, or null while the line is incomplete. */
  public @Nullable String next(ByteBuf in) {
    int length = length(in, false);
    if (length < 0) {
      return null;
    }
    String line = text(in, length);
    return line.substring(0, length - (line.endsWith("\r\n") ? 2 : 1));
  }

  /**
   * The next line with its end, or null while the line is incomplete. The end counts towards the
   * maximum.
   */
  public @Nullable String nextWithEnd(ByteBuf in) {
    int length = length(in, true);
    return length < 0 ? null : text(in, length);
  }

  /**
   * The next line without its end, or null while the line is incomplete. Erases the line in the
   * buffer, because it may hold a secret.
   */
  public byte @Nullable [] nextSecret(ByteBuf in) {
    int length = length(in, false);
    if (length < 0) {
      return null;
    }
    int end = length > 1 && in.getByte(in.readerIndex() + length - 2) == '\r' ? 2 : 1;
    byte[] line = takeSecret(in, length - end);
    in.skipBytes(end);
    return line;
  }

  /** Reads {@code length} bytes, which the buffer must have, and erases them in the buffer. */
  public static byte[] takeSecret(ByteBuf in, int length) {
    byte[] taken = new byte[length];
    in.getBytes(in.readerIndex(), taken);
    in.setZero(in.readerIndex(), length);
    in.skipBytes(length);
    return taken;
  }

  /** The length of the next line with its LF, or -1 while the line is incomplete. */
  private int length(ByteBuf in, boolean endCounts) {
    int newline = in.indexOf(in.readerIndex() + searched, in.writerIndex(), (byte) '\n');
    int length = (newline < 0 ? in.writerIndex() : newline) - in.readerIndex();
    if (length + (endCounts && newline >= 0 ? 1 : 0) > maxLength) {
      throw new TooLongFrameException("a line is longer than " + maxLength + " bytes");
    }
    searched = newline < 0 ? length : 0;
    return newline < 0 ? -1 : length + 1;
  }

  private static String text(ByteBuf in, int length) {
    return in.readCharSequence(length, StandardCharsets.ISO_8859_1).toString();
  }
}
