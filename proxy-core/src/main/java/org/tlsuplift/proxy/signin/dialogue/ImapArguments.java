package org.tlsuplift.proxy.signin.dialogue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The string arguments of an IMAP command (RFC 9051 section 4.3): atoms, quoted strings or
 * literals. At most three are kept, because LOGIN has two.
 */
final class ImapArguments {
  /**
   * A literal that follows the line.
   *
   * @param unasked whether the bytes come without a prompt (RFC 7888)
   */
  record Literal(int bytes, boolean unasked) {}

  private static final int MAX_STRINGS = 3;
  private static final int MAX_DIGITS = 9;

  private final List<byte[]> strings = new ArrayList<>();

  /** The arrays themselves, not copies. */
  List<byte[]> strings() {
    return strings;
  }

  /** Adds a string; {@link #wipe} erases it. */
  void add(byte[] string) {
    if (strings.size() < MAX_STRINGS) {
      strings.add(string);
    } else {
      Arrays.fill(string, (byte) 0);
    }
  }

  void wipe() {
    strings.forEach(string -> Arrays.fill(string, (byte) 0));
  }

  /** Reads a line from an index; returns the literal at its end, or null. */
  @Nullable Literal read(byte[] line, int from) {
    int end = SecretText.endWithoutSpaces(line, from);
    Literal literal = literalAt(line, from, end);
    int stop = literal == null ? end : lastBrace(line, end);
    int at = SecretText.skipSpaces(line, from);
    while (at < stop) {
      at =
          SecretText.skipSpaces(
              line, line[at] == '"' ? quoted(line, at, stop) : atom(line, at, stop));
    }
    return literal;
  }

  private int atom(byte[] line, int from, int stop) {
    int end = Math.min(SecretText.endOfWord(line, from), stop);
    add(Arrays.copyOfRange(line, from, end));
    return end;
  }

  private int quoted(byte[] line, int from, int stop) {
    byte[] read = new byte[stop - from];
    int length = 0;
    int at = from + 1;
    while (at < stop && line[at] != '"') {
      if (line[at] == '\\' && at + 1 < stop) {
        at++;
      }
      read[length++] = line[at++];
    }
    add(Arrays.copyOf(read, length));
    Arrays.fill(read, (byte) 0);
    return at + 1;
  }

  private static int lastBrace(byte[] line, int end) {
    int at = end - 1;
    while (at >= 0 && line[at] != '{') {
      at--;
    }
    return at;
  }

  private static @Nullable Literal literalAt(byte[] line, int from, int end) {
    if (end - from < 3 || line[end - 1] != '}') {
      return null;
    }
    boolean unasked = line[end - 2] == '+';
    int digitsEnd = unasked ? end - 2 : end - 1;
    int at = digitsEnd;
    int bytes = 0;
    int factor = 1;
    while (at > from && digitsEnd - at < MAX_DIGITS && line[at - 1] >= '0' && line[at - 1] <= '9') {
      at--;
      bytes += (line[at] - '0') * factor;
      factor *= 10;
    }
    boolean literal = at < digitsEnd && at > from && line[at - 1] == '{';
    return literal ? new Literal(bytes, unasked) : null;
  }
}
