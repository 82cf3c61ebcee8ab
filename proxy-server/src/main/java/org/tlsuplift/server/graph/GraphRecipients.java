package org.tlsuplift.server.graph;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.james.mime4j.codec.DecodeMonitor;
import org.apache.james.mime4j.codec.DecoderUtil;
import org.apache.james.mime4j.dom.address.Mailbox;
import org.apache.james.mime4j.field.address.AddressFormatter;
import org.apache.james.mime4j.field.address.LenientAddressParser;
import org.apache.james.mime4j.stream.ParserCursor;
import org.apache.james.mime4j.util.ByteSequence;
import org.apache.james.mime4j.util.ContentUtil;

/**
 * The recipients of one message. SMTP delivers to the envelope, whatever the header says; Graph has
 * no envelope and delivers to To, Cc and Bcc of the header. So the header must name the recipients
 * that are still open, and no others: those that are missing become Bcc, and those that are not
 * open are left out, even if readers then see fewer names. Otherwise a second attempt, or a device
 * that sends to each recipient alone, would deliver the message twice.
 *
 * <p>For one thread.
 */
final class GraphRecipients {
  private static final Pattern WORD = Pattern.compile("=\\?[^?]+\\?[qQ]\\?[^?]*\\?=");
  private static final Pattern NOT_ASCII = Pattern.compile("[\\x80-\\xff]");

  static final Set<String> FIELDS = Set.of("to", "cc", "bcc");

  /** By their addresses in lower case; Exchange Online ignores case. */
  private final Map<String, String> open = new LinkedHashMap<>();

  private final Map<String, String> unnamed = new LinkedHashMap<>();

  GraphRecipients(Collection<String> open) {
    open.forEach(address -> this.open.put(key(address), address));
    unnamed.putAll(this.open);
  }

  private static String key(String address) {
    return address.toLowerCase(Locale.ROOT);
  }

  /** The addresses in the value of a field. */
  static List<Mailbox> mailboxes(String value) {
    // The method for text cuts it off at the end for each character of several bytes.
    ByteSequence bytes = ContentUtil.encode(StandardCharsets.UTF_8, value);
    try {
      return LenientAddressParser.DEFAULT
          .parseAddressList(bytes, new ParserCursor(0, bytes.length()))
          .flatten();
    } catch (RuntimeException unreadable) {
      return List.of();
    }
  }

  /** The open recipients in the value of a field. */
  List<Mailbox> open(String value) {
    List<Mailbox> named =
        mailboxes(value).stream().filter(each -> open.containsKey(key(each.getAddress()))).toList();
    named.forEach(each -> unnamed.remove(key(each.getAddress())));
    return named;
  }

  /** The open recipients that no field has named yet. */
  Collection<String> unnamed() {
    return unnamed.values();
  }

  /**
   * A message with only the open recipients in its header. All other bytes stay.
   *
   * @param mime a message that fits into memory
   */
  static byte[] address(byte[] mime, Collection<String> open) {
    GraphRecipients recipients = new GraphRecipients(open);
    // Each character is a byte.
    String text = new String(mime, StandardCharsets.ISO_8859_1);
    int end = endOfHeader(text);
    StringBuilder header = new StringBuilder();
    for (String field : text.substring(0, end).split("(?<=\n)(?![ \t])", -1)) {
      int colon = field.indexOf(':');
      String name = colon < 0 ? "" : field.substring(0, colon).strip();
      if (FIELDS.contains(name.toLowerCase(Locale.ROOT))) {
        String value = unicode(unfolded(field.substring(colon + 1)));
        List<Mailbox> kept = recipients.open(value);
        if (kept.size() == mailboxes(value).size()) {
          header.append(field);
        } else if (!kept.isEmpty()) {
          header
              .append(name)
              .append(": ")
              .append(
                  kept.stream()
                      .map(AddressFormatter.DEFAULT::encode)
                      .collect(Collectors.joining(",\r\n ")))
              .append("\r\n");
        }
      } else {
        header.append(field);
      }
    }
    if (!recipients.unnamed().isEmpty()) {
      header.insert(
          0,
          recipients.unnamed().stream()
              .map(address -> "<" + bytes(address) + ">")
              .collect(Collectors.joining(",\r\n ", "Bcc: ", "\r\n")));
    }
    return header.append(text, end, text.length()).toString().getBytes(StandardCharsets.ISO_8859_1);
  }

  private static int endOfHeader(String text) {
    int line = 0;
    while (line < text.length()) {
      if (text.startsWith("\r\n", line) || text.charAt(line) == '\n') {
        return line;
      }
      int feed = text.indexOf('\n', line);
      line = feed < 0 ? text.length() : feed + 1;
    }
    return line;
  }

  private static String bytes(String text) {
    return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
  }

  /** The value of a field in one line. */
  static String unfolded(String value) {
    return value.replaceAll("\r?\n(?=[ \t])|[\r\n]+$", "").strip();
  }

  /** Text whose characters are bytes: in UTF-8, or else in the character set of old devices. */
  static String unicode(String bytes) {
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(bytes.getBytes(StandardCharsets.ISO_8859_1)))
          .toString();
    } catch (CharacterCodingException other) {
      return new String(
          bytes.getBytes(StandardCharsets.ISO_8859_1), Charset.forName("windows-1252"));
    }
  }

  /** The value of a field as people read it (RFC 2047). */
  static String readable(String value) {
    // Some devices put other bytes than ASCII into a word whose encoding is for them.
    String ascii =
        WORD.matcher(unfolded(value))
            .replaceAll(
                word ->
                    Matcher.quoteReplacement(
                        NOT_ASCII
                            .matcher(word.group())
                            .replaceAll(
                                each -> "=%02X".formatted((int) each.group().charAt(0)))));
    String text = unicode(ascii);
    try {
      return DecoderUtil.decodeEncodedWords(text, DecodeMonitor.SILENT);
    } catch (IllegalArgumentException malformed) {
      return text;
    }
  }
}
