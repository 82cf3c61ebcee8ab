package org.tlsuplift.proxy.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Ways in which servers read the header of a message. They differ where a message breaks RFC 5322,
 * and a message must have the same sender for each of them.
 */
public final class MessageReaders {
  private static final Pattern CRLF = Pattern.compile("(?<=\r\n)");
  private static final Pattern ANY_LINE_END = Pattern.compile("(?<=\r\n)|(?<=\r)(?!\n)|(?<=\n)");
  private static final List<MessageReaders> ALL = all();

  private final Pattern lineEnd;
  private final boolean skipsOtherLines;
  private final boolean endsAtBlankLine;

  private MessageReaders(Pattern lineEnd, boolean skipsOtherLines, boolean endsAtBlankLine) {
    this.lineEnd = lineEnd;
    this.skipsOtherLines = skipsOtherLines;
    this.endsAtBlankLine = endsAtBlankLine;
  }

  private static List<MessageReaders> all() {
    List<MessageReaders> readers = new ArrayList<>();
    for (Pattern lineEnd : List.of(CRLF, ANY_LINE_END)) {
      for (boolean skips : List.of(true, false)) {
        for (boolean ends : List.of(true, false)) {
          readers.add(new MessageReaders(lineEnd, skips, ends));
        }
      }
    }
    return readers;
  }

  /**
   * Asserts that no server sees another sender than one address.
   *
   * @param data of a message with its dots, each byte one character
   */
  public static void checkSender(String data, String address) {
    for (MessageReaders reader : ALL) {
      List<String> senders = reader.fields(data).stream().filter(MessageReaders::isFrom).toList();
      assertThat(senders).as(reader.toString()).hasSizeLessThanOrEqualTo(1);
      assertThat(senders).as(reader.toString()).allMatch(each -> each.contains(address));
    }
  }

  /** The fields with their folded lines. */
  private List<String> fields(String data) {
    List<String> fields = new ArrayList<>();
    for (String stuffed : lineEnd.split(data, -1)) {
      String line = stuffed.startsWith(".") ? stuffed.substring(1) : stuffed;
      boolean folded = line.startsWith(" ") || line.startsWith("\t");
      String text = line.replaceFirst("[\r\n]+$", "");
      if (text.isEmpty() || (text.isBlank() && endsAtBlankLine)) {
        return fields;
      }
      if (folded && !fields.isEmpty()) {
        fields.add(fields.remove(fields.size() - 1) + line);
      } else if (text.indexOf(':') > 0) {
        fields.add(line);
      } else if (!skipsOtherLines && !fields.isEmpty()) {
        return fields;
      }
    }
    return fields;
  }

  /** Some servers drop control characters, and characters that are not ASCII, from a name. */
  private static boolean isFrom(String field) {
    String name = field.substring(0, field.indexOf(':'));
    return name.replaceAll("[^!-~]", "").equalsIgnoreCase("from");
  }

  @Override
  public String toString() {
    return "a server that %s, %s other lines%s"
        .formatted(
            lineEnd == CRLF ? "ends lines at CRLF" : "ends lines at each CR and LF",
            skipsOtherLines ? "skips" : "ends the header at",
            endsAtBlankLine ? " and ends it at blank lines" : "");
  }
}
