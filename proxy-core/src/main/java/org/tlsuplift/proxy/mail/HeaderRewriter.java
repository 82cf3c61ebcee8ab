package org.tlsuplift.proxy.mail;

import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Replaces the sender in a header: the From and Sender fields (RFC 5322 section 3.6.2). All other
 * bytes stay as they are. Each byte is one character.
 */
final class HeaderRewriter {
  /** In characters (RFC 5322 section 2.1.1), with room for a line end. */
  private static final int MAX_LINE = 990;

  /**
   * A line of only white space, with its dot (RFC 5322 section 4.2). Some servers end the header
   * there, so that they would see the name without the address.
   */
  private static final Pattern BLANK_LINE = Pattern.compile("(?>\r\n|\r|\n)\\.?[ \t]+(?=[\r\n])");

  private static final String FROM = "from";
  private static final String SENDER = "sender";
  private static final String REPLY_TO = "reply-to";

  private final RewriteFrom to;
  private final String address;
  private final @Nullable String phrase;

  HeaderRewriter(RewriteFrom to) {
    this.to = to;
    this.address = to.address();
    this.phrase = to.displayName() == null ? null : DisplayName.phrase(to.displayName());
  }

  /**
   * Rewrites a header. If it has several From fields, only the first remains, because the others
   * would name the device's sender. If it has none, it gets one.
   *
   * @param fields its fields in their order
   * @param envelopeSender the sender in MAIL; may be empty
   * @return the new header
   */
  String rewrite(String header, List<HeaderBlock.Field> fields, String envelopeSender) {
    boolean replies =
        to.replyTo() == RewriteFrom.ReplyTo.ORIGINAL
            && fields.stream().noneMatch(each -> each.name().equals(REPLY_TO));
    StringBuilder out = new StringBuilder(header.length() + 256);
    boolean replaced = false;
    int copied = 0;
    for (HeaderBlock.Field field : fields) {
      boolean from = field.name().equals(FROM);
      if (!from && !field.name().equals(SENDER)) {
        continue;
      }
      out.append(header, copied, field.start());
      copied = field.end();
      if (!from || !replaced) {
        String old = header.substring(field.start(), field.end());
        out.append(rewritten(old));
        if (from && replies) {
          out.append("Reply-To").append(old, old.indexOf(':'), old.length());
        }
      }
      replaced |= from;
    }
    out.append(header, copied, header.length());
    if (!replaced) {
      out.append(field()).append("\r\n");
      if (replies && envelopeSender.contains("@")) {
        out.append("Reply-To: <").append(envelopeSender).append(">\r\n");
      }
    }
    return out.toString();
  }

  /** A From field for a message that has none, without its line end. */
  private String field() {
    return "From:" + (phrase == null ? " " + address : " " + phrase + " <" + address + ">");
  }

  /**
   * A field with the new sender.
   *
   * @param old the whole field, with its line ends
   */
  private String rewritten(String old) {
    int colon = old.indexOf(':') + 1;
    int end = old.length();
    while (end > colon && (old.charAt(end - 1) == '\n' || old.charAt(end - 1) == '\r')) {
      end--;
    }
    String value = BLANK_LINE.matcher(old.substring(colon, end)).replaceAll("");
    return old.substring(0, colon) + mailbox(value) + old.substring(end);
  }

  private String mailbox(String old) {
    if (phrase != null) {
      return " " + phrase + " <" + address + ">";
    }
    Kept kept = Kept.of(old);
    if (!kept.name.isEmpty()) {
      return withBrackets(kept.name);
    }
    return " " + address + (kept.comment.isEmpty() ? "" : " " + kept.comment);
  }

  /** The address behind a name, on a line of its own if the name's line is too long otherwise. */
  private String withBrackets(String name) {
    int line = Math.max(name.lastIndexOf('\n'), name.lastIndexOf('\r'));
    boolean fits = name.length() - line + address.length() < MAX_LINE;
    return name + (fits ? "" : "\r\n ") + "<" + address + ">";
  }

  /**
   * What is kept of the first mailbox in a field.
   *
   * @param name the text before the address, with its spaces and quotation marks; empty without an
   *     address in angle brackets, or if it could be read as another address
   * @param comment the comment beside an address without angle brackets (RFC 5322 section 3.4); may
   *     be empty
   */
  private record Kept(String name, String comment) {
    static final Kept NOTHING = new Kept("", "");

    /** Some programs end a text at a NUL, so that they would not see the new address. */
    private static final Pattern CONTROL = Pattern.compile("[\\p{Cntrl}&&[^\t\r\n]]");

    static Kept of(String old) {
      if (CONTROL.matcher(old).find()) {
        return NOTHING;
      }
      boolean special = false;
      String comment = "";
      for (int i = 0; i < old.length(); i++) {
        char next = old.charAt(i);
        if (next == '"') {
          i = endOfQuoted(old, i);
        } else if (next == '(') {
          int end = endOfComment(old, i);
          comment = comment.isEmpty() && end > 0 ? old.substring(i, end + 1) : comment;
          i = end;
        } else if (next == '<' || next == ':') {
          // A colon ends the name of a group (RFC 6854).
          String name = old.substring(0, i) + (next == ':' ? " " : "");
          return special ? NOTHING : new Kept(name, "");
        } else if (next == ',' || next == ';') {
          break;
        } else if ("@>[]\\".indexOf(next) >= 0) {
          special = true;
        }
        if (i < 0) {
          return NOTHING;
        }
      }
      return new Kept("", comment);
    }

    /** The index of the closing quotation mark, or -1. */
    private static int endOfQuoted(String text, int from) {
      for (int i = from + 1; i < text.length(); i++) {
        if (text.charAt(i) == '\\') {
          i++;
        } else if (text.charAt(i) == '"') {
          return i;
        }
      }
      return -1;
    }

    /** The index of the closing parenthesis, or -1. */
    private static int endOfComment(String text, int from) {
      int depth = 0;
      for (int i = from; i < text.length(); i++) {
        char next = text.charAt(i);
        if (next == '\\') {
          i++;
        } else if (next == '(') {
          depth++;
        } else if (next == ')' && --depth == 0) {
          return i;
        }
      }
      return -1;
    }
  }
}
