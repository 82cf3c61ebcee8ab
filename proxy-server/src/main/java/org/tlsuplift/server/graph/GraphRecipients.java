package org.tlsuplift.server.graph;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
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
 * The header of one message and its recipients. SMTP delivers to the envelope, whatever the header
 * says; Graph has no envelope and delivers to To, Cc and Bcc of the header. So these three are
 * always written here: To and Cc name the recipients of their fields that are still open, Bcc all
 * other open recipients. Otherwise a second attempt, or a device that sends to each recipient
 * alone, would deliver the message twice, and a device could reach recipients that no rule allows.
 *
 * <p>No other program must read another header than this one. So it ends at the first line that is
 * no field, and has no control characters. All of it takes time in proportion to its size.
 *
 * <p>For one thread.
 */
final class GraphRecipients {
  /** Exchange Online refuses a larger header. */
  private static final int MAX_HEADER = 256 * 1024;

  static final int MAX_FIELD = 32 * 1024;

  /** The decoder's time grows with the cube of this. */
  private static final int MAX_WORDS = 2_000;

  private static final Pattern FIELD = Pattern.compile("[!-9;-~]++[ \\t]*+:");
  private static final Pattern CONTROLS = Pattern.compile("[\\x00-\\x08\\x0a-\\x1f\\x7f]");

  final List<Mailbox> to = new ArrayList<>();
  final List<Mailbox> cc = new ArrayList<>();

  /** The open recipients that no field has named yet. Exchange Online ignores case. */
  private final Map<String, Mailbox> unnamed = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);

  /** The other fields, and what is known of the body. Each character is a byte. */
  private final StringBuilder others = new StringBuilder();

  private GraphRecipients() {}

  /**
   * Reads the header of a message. The stream is at its body then.
   *
   * @param open the recipients that are left
   */
  static GraphRecipients read(InputStream mime, Collection<String> open) throws IOException {
    GraphRecipients header = new GraphRecipients();
    for (String address : open) {
      List<Mailbox> parsed = mailboxes(address);
      int at = address.lastIndexOf('@');
      // A text with several addresses must not become several recipients.
      if (parsed.size() != 1
          || !Objects.equals(
              parsed.get(0).getDomain(), at < 0 ? null : address.substring(at + 1))) {
        throw GraphException.refused(
            "550 5.1.3 Graph has no such addresses; correct them in the device");
      }
      header.unnamed.put(parsed.get(0).getAddress(), parsed.get(0));
    }
    StringBuilder field = new StringBuilder();
    int left = MAX_HEADER;
    while (true) {
      String line = line(mime, left);
      left -= line.length();
      // Not by an expression, which would look at each CR within the line again and again.
      int end = line.length();
      while (end > 0 && "\r\n".indexOf(line.charAt(end - 1)) >= 0) {
        end--;
      }
      String text = line.substring(0, end);
      boolean folded = text.startsWith(" ") || text.startsWith("\t");
      if (folded && left + line.length() == MAX_HEADER) {
        // It would continue a field that is added before it.
        text = text.strip();
        folded = false;
      }
      if (!folded) {
        header.add(field.toString());
        field.setLength(0);
        if (!FIELD.matcher(text).lookingAt()) {
          header.others.append("\r\n").append(text.isEmpty() ? "" : line);
          return header;
        }
      }
      String clean = CONTROLS.matcher(text).replaceAll(" ");
      if (!clean.isBlank()) {
        field.append(clean).append("\r\n");
      }
    }
  }

  private static String line(InputStream mime, int most) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int next = mime.read(); next >= 0; next = mime.read()) {
      line.append((char) next);
      if (next == '\n') {
        break;
      }
      if (line.length() > most) {
        throw GraphException.refused("554 5.6.0 the header of the message has more than 256 KiB");
      }
    }
    return line.toString();
  }

  private void add(String field) throws GraphException {
    int colon = field.indexOf(':');
    String name = field.substring(0, Math.max(0, colon)).strip().toLowerCase(Locale.ROOT);
    boolean named = name.equals("to") || name.equals("cc");
    if (named && field.length() <= MAX_FIELD) {
      for (Mailbox each : mailboxes(unicode(field.substring(colon + 1)))) {
        Mailbox open = unnamed.remove(each.getAddress());
        if (open != null) {
          (name.equals("to") ? to : cc)
              .add(new Mailbox(each.getName(), open.getLocalPart(), open.getDomain()));
        }
      }
    } else if (!named && !name.equals("bcc") && !name.startsWith("resent-")) {
      if (field.length() > MAX_FIELD) {
        throw GraphException.refused("554 5.6.0 a field of the header has more than 32 KiB");
      }
      others.append(field);
    }
  }

  List<Mailbox> bcc() {
    return List.copyOf(unnamed.values());
  }

  /** The message with this header, for readers that know the recipients. */
  InputStream unaddressed(InputStream body) {
    byte[] header = others.toString().getBytes(StandardCharsets.ISO_8859_1);
    return new SequenceInputStream(new ByteArrayInputStream(header), body);
  }

  /** The message with this header and its recipients. All bytes of the body stay. */
  InputStream addressed(InputStream body) {
    String fields = field("To", to) + field("Cc", cc) + field("Bcc", bcc());
    byte[] bytes = fields.getBytes(StandardCharsets.UTF_8);
    return new SequenceInputStream(new ByteArrayInputStream(bytes), unaddressed(body));
  }

  private static String field(String name, List<Mailbox> mailboxes) {
    String value =
        mailboxes.stream()
            .map(AddressFormatter.DEFAULT::encode)
            .collect(Collectors.joining(",\r\n "));
    return mailboxes.isEmpty() ? "" : name + ": " + value + "\r\n";
  }

  /** The addresses in the value of a field. */
  static List<Mailbox> mailboxes(String value) {
    // A mark keeps the parser from decoding words, which takes too much time if they are long.
    String marked = value.replace("\0", "").replace("=?", "=\0?");
    // The method for text cuts it off at the end for each character of several bytes.
    ByteSequence bytes = ContentUtil.encode(StandardCharsets.UTF_8, marked);
    return LenientAddressParser.DEFAULT
        .parseAddressList(bytes, new ParserCursor(0, bytes.length()))
        .flatten()
        .stream()
        .map(
            each -> {
              String name =
                  each.getName() == null ? null : decoded(each.getName().replace("\0", ""));
              return new Mailbox(name, each.getLocalPart(), each.getDomain());
            })
        .toList();
  }

  /** The value of a field in one line. Its characters are bytes, of UTF-8 or of old devices. */
  static String unicode(String bytes) {
    String line = bytes.replace("\r", "").replace("\n", "").strip();
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
    return decoded(unicode(bytes));
  }

  private static String decoded(String words) {
    String text =
        words.length() > MAX_WORDS
            ? words.substring(0, MAX_WORDS)
            : DecoderUtil.decodeEncodedWords(words, DecodeMonitor.SILENT);
    return CONTROLS.matcher(text).replaceAll(" ");
  }
}
