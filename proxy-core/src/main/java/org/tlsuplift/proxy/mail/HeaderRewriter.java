package org.tlsuplift.proxy.mail;

import java.util.List;

/**
 * Replaces the sender in a header: the From and Sender fields (RFC 5322 section 3.6.2). All other
 * bytes stay as they are. Each byte is one character.
 */
final class HeaderRewriter {
  private static final String FROM = "from";
  private static final String SENDER = "sender";
  private static final String REPLY_TO = "reply-to";

  private final RewriteFrom to;
  private final SenderField sender;

  HeaderRewriter(RewriteFrom to) {
    this.to = to;
    this.sender = new SenderField(to);
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
        out.append(sender.rewritten(old));
        if (from && replies) {
          out.append("Reply-To").append(old, old.indexOf(':'), old.length());
        }
      }
      replaced |= from;
    }
    out.append(header, copied, header.length());
    if (!replaced) {
      out.append(sender.field()).append("\r\n");
      if (replies && envelopeSender.contains("@")) {
        out.append("Reply-To: <").append(envelopeSender).append(">\r\n");
      }
    }
    return out.toString();
  }
}
