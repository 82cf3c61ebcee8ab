package org.tlsuplift.proxy.mail;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Collects the header of a message (RFC 5322 section 2.2) and rewrites its sender; the body passes.
 *
 * <p>Every server must see the same header as this class, or a message could show one of them a
 * From field that is not rewritten. So a bare CR or LF also ends a line here, and passes as CRLF. A
 * line that is no field ends the header, and an empty line passes before it, because some servers
 * skip such a line and read more fields. Dots at the start of a line count as removed (RFC 5321
 * section 4.5.2).
 */
public final class HeaderBlock {
  /** The largest header. Exchange Online accepts 256 KiB; programs of devices write 1 KiB. */
  public static final int MAX_BYTES = 64 * 1024;

  private static final int END_OF_DATA = 3;
  private static final String CRLF = "\r\n";
  private static final Pattern LINE_END = Pattern.compile("\r\n|\r|\n");

  /** RFC 5322 section 2.2; section 4.5.8 allows spaces before the colon. */
  private static final Pattern FIELD = Pattern.compile("([!-9;-~]+)[ \t]*:.*", Pattern.DOTALL);

  /**
   * The separator of mailbox files, which some programs leave in the first line. Without a
   * character behind the spaces it could be a From field, for servers that drop other bytes.
   */
  private static final Pattern MAILBOX_LINE = Pattern.compile(">?From +[!-9;-~].*", Pattern.DOTALL);

  /**
   * A field in the header.
   *
   * @param name in lower case
   * @param start the index of its first byte
   * @param end the index after its last line
   */
  record Field(String name, int start, int end) {}

  private final HeaderRewriter rewriter;
  private final KeptBytes kept = new KeptBytes();
  private final List<Field> fields = new ArrayList<>();

  /** The bytes of complete lines. */
  private int scanned;

  /** The bytes in which no line end is, or that are scanned. */
  private int searched;

  private boolean passed;

  public HeaderBlock(RewriteFrom to) {
    this.rewriter = new HeaderRewriter(to);
  }

  /** Starts a new message. */
  public void reset() {
    kept.release();
    fields.clear();
    scanned = 0;
    searched = 0;
    passed = false;
  }

  /** Whether the header has been passed on, so that everything else passes too. */
  public boolean isPassed() {
    return passed;
  }

  /**
   * Takes over the next piece of the data, with its dots and line ends.
   *
   * @param last whether it ends with the line that ends the data
   * @param envelopeSender the sender of the message in MAIL; may be empty
   * @param out gets the header and what follows it, when it is complete
   * @return false if the header is too large
   */
  public boolean add(
      ByteBufAllocator allocator,
      ByteBuf piece,
      boolean last,
      String envelopeSender,
      Consumer<ByteBuf> out) {
    ByteBuf all = kept.add(allocator, piece);
    int length = all.readableBytes() - (last ? END_OF_DATA : 0);
    boolean complete = scan(all, length, last);
    if (scanned > MAX_BYTES || (!complete && !last && length > MAX_BYTES)) {
      return false;
    }
    if (last || (complete && isBodyKnown(all))) {
      pass(allocator, all, last, envelopeSender, out);
    }
    return true;
  }

  /** Reads the complete lines; returns whether the header has ended. */
  private boolean scan(ByteBuf all, int length, boolean last) {
    while (scanned < length) {
      int end = endOfLine(all, Math.max(scanned, searched), length, last);
      if (end < 0) {
        // The last byte may be a CR, whose LF comes next.
        searched = length - 1;
        return false;
      }
      String line = text(all, scanned, end);
      if (!isHeader(line, end)) {
        return true;
      }
      scanned = end;
    }
    return false;
  }

  private boolean isHeader(String line, int end) {
    String unstuffed = line.startsWith(".") ? line.substring(1) : line;
    Matcher field = FIELD.matcher(unstuffed);
    boolean folded = unstuffed.startsWith(" ") || unstuffed.startsWith("\t");
    if (folded && !fields.isEmpty()) {
      Field latest = fields.remove(fields.size() - 1);
      fields.add(new Field(latest.name(), latest.start(), end));
      return true;
    }
    if (!folded && field.matches()) {
      fields.add(new Field(field.group(1).toLowerCase(Locale.ROOT), scanned, end));
      return true;
    }
    return scanned == 0 && MAILBOX_LINE.matcher(unstuffed).matches();
  }

  /** The index after the end of a line; -1 while it is incomplete. */
  private static int endOfLine(ByteBuf all, int from, int length, boolean last) {
    for (int i = from; i < length; i++) {
      byte value = all.getByte(all.readerIndex() + i);
      if (value == '\n') {
        return i + 1;
      }
      if (value == '\r') {
        if (i + 1 < length) {
          return all.getByte(all.readerIndex() + i + 1) == '\n' ? i + 2 : i + 1;
        }
        return last ? length : -1;
      }
    }
    return last ? length : -1;
  }

  private static String text(ByteBuf all, int from, int to) {
    return all.toString(all.readerIndex() + from, to - from, StandardCharsets.ISO_8859_1);
  }

  /** The length of the empty line after the header; 0 if there is none. */
  private int separator(ByteBuf all) {
    int at = all.readerIndex() + scanned;
    if (all.getByte(at) == '\r') {
      return all.getByte(at + 1) == '\n' ? 2 : 1;
    }
    return all.getByte(at) == '\n' ? 1 : 0;
  }

  /** Whether the dots at the start of the body are there, as far as {@link #dot} reads them. */
  private boolean isBodyKnown(ByteBuf all) {
    int body = all.readerIndex() + scanned + separator(all);
    return all.writerIndex() > body + 1
        || (all.writerIndex() == body + 1 && all.getByte(body) != '.');
  }

  /**
   * The dot that the body's first line needs, because the line end before it becomes CRLF. It is
   * the rule for repaired line ends (LineRepair): a single dot is doubled, two stay.
   */
  private String dot(ByteBuf all, int separator) {
    int body = scanned + separator;
    String before = text(all, Math.max(0, body - 2), body);
    if (before.isEmpty() || before.equals(CRLF)) {
      return "";
    }
    String start = text(all, body, Math.min(all.readableBytes(), body + 2));
    return start.startsWith(".") && !start.equals("..") ? "." : "";
  }

  /** Passes the header with line ends that every server reads alike, and the rest as it is. */
  private void pass(
      ByteBufAllocator allocator,
      ByteBuf all,
      boolean last,
      String envelopeSender,
      Consumer<ByteBuf> out) {
    String header = rewriter.rewrite(text(all, 0, scanned), fields, envelopeSender);
    int separator = separator(all);
    boolean isAll = last && separator == 0 && scanned == all.readableBytes() - END_OF_DATA;
    String end = isAll && !fields.isEmpty() ? "" : CRLF;
    String dot = isAll ? "" : dot(all, separator);
    out.accept(MailText.encode(allocator, LINE_END.matcher(header).replaceAll(CRLF) + end + dot));
    kept.take();
    passed = true;
    out.accept(all.skipBytes(scanned + separator));
  }

  public void release() {
    kept.release();
  }
}
