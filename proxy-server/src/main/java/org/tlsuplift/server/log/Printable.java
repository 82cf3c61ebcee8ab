package org.tlsuplift.server.log;

import java.util.HexFormat;
import java.util.stream.Collectors;

/**
 * Text from outside, made fit for a line of text: it cannot end the line, steer a terminal or
 * change the order in which the line is read.
 */
public final class Printable {
  /** What a longer value is cut to, in characters. */
  static final int MAX_LENGTH = 2_000;

  private static final String CUT = "...";
  private static final HexFormat HEX = HexFormat.of();

  private Printable() {}

  /**
   * With escape sequences in place of control characters (C0, C1), line separators (U+2028,
   * U+2029), format characters, which include those of bidirectional text, and lone surrogates; at
   * most {@value #MAX_LENGTH} characters of the text.
   */
  public static String text(String text) {
    return escape(shortened(text), false);
  }

  /** The same for a line on a terminal, of any length. */
  public static String line(String text) {
    return escape(text, false);
  }

  /** The lines of a text on a terminal, each as {@link #line} has it. */
  public static String lines(String text) {
    return text.lines().map(Printable::line).collect(Collectors.joining(System.lineSeparator()));
  }

  /** The same for what stands in quotation marks: those within it are escaped too. */
  public static String quoted(String text) {
    return escape(shortened(text), true);
  }

  private static String shortened(String text) {
    return text.length() > MAX_LENGTH ? text.substring(0, MAX_LENGTH) + CUT : text;
  }

  private static String escape(String text, boolean quoted) {
    if (text.codePoints().allMatch(each -> isPlain(each, quoted))) {
      return text;
    }
    StringBuilder escaped = new StringBuilder(text.length() + 16);
    text.codePoints()
        .forEach(
            each -> {
              if (isPlain(each, quoted)) {
                escaped.appendCodePoint(each);
              } else {
                escaped.append(sequence(each));
              }
            });
    return escaped.toString();
  }

  private static boolean isPlain(int character, boolean quoted) {
    if (character >= ' ' && character < 0x7f) {
      return !quoted || (character != '"' && character != '\\');
    }
    return switch (Character.getType(character)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      default -> true;
    };
  }

  private static String sequence(int character) {
    return switch (character) {
      case '\n' -> "\\n";
      case '\r' -> "\\r";
      case '\t' -> "\\t";
      case '"' -> "\\\"";
      case '\\' -> "\\\\";
      default ->
          character < 0x100
              ? "\\x" + HEX.toHexDigits((byte) character)
              : character < 0x10000
                  ? "\\u" + HEX.toHexDigits((short) character)
                  : "\\U" + HEX.toHexDigits(character);
    };
  }
}
