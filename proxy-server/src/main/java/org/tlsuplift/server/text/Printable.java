package org.tlsuplift.server.text;

import java.util.HexFormat;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Escapes text from outside, so that it cannot end a line, control a terminal or change the reading
 * direction.
 */
public final class Printable {
  /** Longer values are cut to this length, in characters. */
  static final int MAX_LENGTH = 2_000;

  private static final String CUT = "...";
  private static final HexFormat HEX = HexFormat.of();

  private Printable() {}

  /**
   * Replaces control characters (C0, C1), line separators (U+2028, U+2029), format characters
   * (which include bidirectional controls) and lone surrogates with escape sequences. Uses at most
   * {@value #MAX_LENGTH} characters of the text.
   */
  public static String text(String text) {
    return escape(shortened(text), false);
  }

  /** Escapes a line for a terminal like {@link #text}, without a length limit. */
  public static String line(String text) {
    return escape(text, false);
  }

  /** Splits a text for a terminal into lines, and escapes each with {@link #line}. */
  public static String lines(String text) {
    return text.lines().map(Printable::line).collect(Collectors.joining(System.lineSeparator()));
  }

  /** The first character that {@link #line} escapes, such as {@code U+202E}; empty for none. */
  public static Optional<String> hidden(String text) {
    return text.codePoints()
        .filter(each -> !isPlain(each, false))
        .mapToObj(each -> "U+%04X".formatted(each))
        .findFirst();
  }

  /** Escapes a value in quotation marks like {@link #text}, and quotation marks and backslashes. */
  public static String quoted(String text) {
    return escape(shortened(text), true);
  }

  public static String shortened(String text) {
    return text.length() > MAX_LENGTH ? text.substring(0, MAX_LENGTH) + CUT : text;
  }

  /** Escapes like {@link #text} or {@link #quoted}, without a length limit. */
  public static String escape(String text, boolean quoted) {
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
