package org.tlsuplift.proxy.signin.dialogue;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Reads parts of lines that may hold secrets, without creating strings of the secrets. Stateless.
 */
final class SecretText {
  private SecretText() {}

  /** A word in capitals, up to a space; empty if longer than 32 characters. */
  static String word(byte[] line, int from) {
    int end = endOfWord(line, from);
    return end - from > 32
        ? ""
        : new String(line, from, end - from, StandardCharsets.ISO_8859_1).toUpperCase(Locale.ROOT);
  }

  static int endOfWord(byte[] line, int from) {
    int end = from;
    while (end < line.length && line[end] != ' ') {
      end++;
    }
    return end;
  }

  static int skipSpaces(byte[] line, int from) {
    int at = from;
    while (at < line.length && line[at] == ' ') {
      at++;
    }
    return at;
  }

  /** The index at which the trailing spaces of a line start. */
  static int endWithoutSpaces(byte[] line, int from) {
    int end = line.length;
    while (end > from && line[end - 1] == ' ') {
      end--;
    }
    return end;
  }

  /** A copy of the bytes after a word and one space, or null if there are none. */
  static byte @Nullable [] rest(byte[] line, int endOfWord) {
    return endOfWord + 1 >= line.length
        ? null
        : Arrays.copyOfRange(line, endOfWord + 1, line.length);
  }

  /** A text that is not secret; each byte becomes one character (ISO 8859-1). */
  static String open(byte[] line) {
    return new String(line, StandardCharsets.ISO_8859_1);
  }

  /** Decodes UTF-8, or ISO 8859-1 if the bytes are not valid UTF-8, because old devices send it. */
  static char[] characters(byte[] bytes) {
    CharBuffer decoded;
    try {
      decoded = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
    } catch (CharacterCodingException notUtf8) {
      decoded = StandardCharsets.ISO_8859_1.decode(ByteBuffer.wrap(bytes));
    }
    char[] characters = new char[decoded.remaining()];
    decoded.get(characters);
    if (decoded.hasArray()) {
      Arrays.fill(decoded.array(), '\0');
    }
    return characters;
  }
}
