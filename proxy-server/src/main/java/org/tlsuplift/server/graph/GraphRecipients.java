package org.tlsuplift.server.graph;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
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
  private static final Pattern FIELD = Pattern.compile("(?is)(to|cc|bcc)[ \\t]*:(.*)");

  /** Only LF ends a line: the byte 85 is NEL in ISO 8859-1, and part of a letter in UTF-8. */
  private static final Pattern EMPTY_LINE = Pattern.compile("(?md)^\\r?$|\\z");

  /** Exchange Online ignores case. */
  private final Map<String, Mailbox> open = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);

  private final Map<String, Mailbox> unnamed = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);

  GraphRecipients(Collection<String> open) {
    for (String address : open) {
      mailboxes(address).forEach(each -> this.open.put(each.getAddress(), each));
    }
    unnamed.putAll(this.open);
  }

  /** The addresses in the value of a field. */
  static List<Mailbox> mailboxes(String value) {
    // The method for text cuts it off at the end for each character of several bytes.
    ByteSequence bytes = ContentUtil.encode(StandardCharsets.UTF_8, value);
    return LenientAddressParser.DEFAULT
        .parseAddressList(bytes, new ParserCursor(0, bytes.length()))
        .flatten();
  }

  /** The open recipients in the value of a field. */
  List<Mailbox> open(String value) {
    List<Mailbox> named =
        mailboxes(value).stream().filter(each -> open.containsKey(each.getAddress())).toList();
    named.forEach(each -> unnamed.remove(each.getAddress()));
    return named;
  }

  /** The open recipients that no field has named yet. */
  List<Mailbox> unnamed() {
    return List.copyOf(unnamed.values());
  }

  /**
   * A message with only the open recipients in its header. All other bytes stay.
   *
   * @param mime a message that fits into memory
   */
  static byte[] address(byte[] mime, Collection<String> open) {
    GraphRecipients recipients = new GraphRecipients(open);
    // Each character is a byte. A first line that begins with a space would continue the new field.
    String text = new String(mime, StandardCharsets.ISO_8859_1).replaceFirst("^[ \\t]+", "");
    Matcher empty = EMPTY_LINE.matcher(text);
    int end = empty.find() ? empty.start() : text.length();
    StringBuilder header = new StringBuilder();
    for (String line : text.substring(0, end).split("(?<=\n)(?![ \t])", -1)) {
      Matcher field = FIELD.matcher(line);
      String value = field.matches() ? unicode(field.group(2)) : "";
      List<Mailbox> kept = recipients.open(value);
      header.append(kept.size() == mailboxes(value).size() ? line : field(field.group(1), kept));
    }
    return (field("Bcc", recipients.unnamed()) + header + text.substring(end))
        .getBytes(StandardCharsets.ISO_8859_1);
  }

  private static String field(String name, List<Mailbox> mailboxes) {
    String value =
        mailboxes.stream()
            .map(AddressFormatter.DEFAULT::encode)
            .collect(Collectors.joining(",\r\n "));
    byte[] field = (name + ": " + value + "\r\n").getBytes(StandardCharsets.UTF_8);
    return mailboxes.isEmpty() ? "" : new String(field, StandardCharsets.ISO_8859_1);
  }

  /** The value of a field in one line. Its characters are bytes, of UTF-8 or of old devices. */
  static String unicode(String bytes) {
    String line = bytes.replaceAll("\\r?\\n(?=[ \\t])|[\\r\\n]+$", "").strip();
    return text(line.getBytes(StandardCharsets.ISO_8859_1));
  }

  /** Text in UTF-8, or else in the character set of old devices. */
  static String text(byte[] bytes) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException other) {
      return new String(bytes, Charset.forName("windows-1252"));
    }
  }

  /** The value of a field as people read it (RFC 2047). */
  static String readable(String bytes) {
    return DecoderUtil.decodeEncodedWords(unicode(bytes), DecodeMonitor.SILENT);
  }
}
