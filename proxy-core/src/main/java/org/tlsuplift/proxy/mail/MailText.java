package org.tlsuplift.proxy.mail;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;

/** Converts texts of mail protocols to and from the wire. Stateless. */
public final class MailText {
  /** The longest domain (RFC 5321 section 4.5.3.1.2). */
  static final int MAX_NAME = 255;

  private static final int MAX_REASON = 300;
  private static final int MAX_REPLY = 400;

  private MailText() {}

  /** The bytes of lines that already end with CRLF. */
  public static ByteBuf encode(ByteBufAllocator allocator, String lines) {
    return ByteBufUtil.encodeString(allocator, CharBuffer.wrap(lines), StandardCharsets.ISO_8859_1);
  }

  /** Whether a text has only printable ASCII, so that no character ends a line. */
  public static boolean isPrintable(String text) {
    return text.chars().allMatch(c -> c >= ' ' && c < 0x7f);
  }

  /** Turns any text into one line of printable ASCII for a reply, at most 300 characters. */
  public static String printable(String text) {
    return printable(text, MAX_REASON);
  }

  /**
   * Turns any text into a whole reply line with CRLF: printable ASCII, at most 400 characters
   * before the line's end.
   */
  public static String reply(String text) {
    return printable(text, MAX_REPLY) + "\r\n";
  }

  private static String printable(String text, int most) {
    StringBuilder printable = new StringBuilder(Math.min(text.length(), most));
    for (int i = 0; i < text.length() && printable.length() < most; i++) {
      char c = text.charAt(i);
      printable.append(c >= ' ' && c < 0x7f ? c : '?');
    }
    return printable.toString();
  }
}
