package org.tlsuplift.proxy.mail;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.regex.Pattern;

/**
 * A display name in a header (RFC 5322 section 3.4), with encoded words where needed (RFC 2047).
 */
final class DisplayName {
  private static final Pattern ATOMS =
      Pattern.compile("[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+( [A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*");

  /** An encoded word has at most 75 characters, of which the text in Base64 is 60. */
  private static final int MAX_WORD_BYTES = 45;

  private DisplayName() {}

  /** The name as a phrase in ASCII. */
  static String phrase(String name) {
    if (ATOMS.matcher(name).matches() && !name.contains("=?")) {
      return name;
    }
    boolean ascii = name.chars().allMatch(c -> c >= ' ' && c < 0x7f);
    return ascii && !name.contains("=?")
        ? "\"" + name.replaceAll("([\\\\\"])", "\\\\$1") + "\""
        : encoded(name);
  }

  private static String encoded(String name) {
    StringBuilder words = new StringBuilder();
    StringBuilder word = new StringBuilder();
    name.codePoints()
        .forEach(
            point -> {
              String character = Character.toString(point);
              if (bytes(word + character).length > MAX_WORD_BYTES) {
                end(word, words);
              }
              word.append(character);
            });
    end(word, words);
    return words.toString();
  }

  private static void end(StringBuilder word, StringBuilder words) {
    words
        .append(words.isEmpty() ? "" : " ")
        .append("=?UTF-8?B?")
        .append(Base64.getEncoder().encodeToString(bytes(word.toString())))
        .append("?=");
    word.setLength(0);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
