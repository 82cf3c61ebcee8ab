package org.tlsuplift.proxy.mail.guard;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.ShortText;

/**
 * Decides about the sender in MAIL FROM.
 *
 * <p>If an account restricts senders, only plain addresses are accepted, because the origin could
 * read an unusual form as another sender.
 */
final class AllowedSenders {
  private static final Pattern FROM =
      Pattern.compile(" +FROM: *(?:<([^<>\\s]*)>|([^<>\\s]+))(?: .*)?", Pattern.CASE_INSENSITIVE);

  /** Source routes, quoted local parts, comments and literals (RFC 5321 section 4.1.2). */
  private static final Pattern UNUSUAL = Pattern.compile("[\"\\\\,:;()\\[\\]]|@.*@");

  /** In characters. A device may send any text as an address, but a refusal is one short line. */
  private static final int MAX_SHOWN = 100;

  private final String mailbox;
  private final Set<String> allowed;

  AllowedSenders(String mailbox, List<String> allowed) {
    this.mailbox = mailbox;
    this.allowed = Set.copyOf(allowed);
  }

  /**
   * Checks a command.
   *
   * @param arguments the text after MAIL, each byte one character
   * @return the reply that refuses the command, without CRLF, or null if the sender is allowed
   */
  @Nullable String refusal(String arguments) {
    if (allowed.isEmpty()) {
      return null;
    }
    Matcher from = FROM.matcher(arguments);
    if (!from.matches()) {
      return "501 5.5.4 Expected MAIL FROM:<address>";
    }
    String bracketed = from.group(1);
    String sender = utf8(bracketed == null ? String.valueOf(from.group(2)) : bracketed);
    if (!UNUSUAL.matcher(sender).find() && isAllowed(sender.toLowerCase(Locale.ROOT))) {
      return null;
    }
    return ("550 5.7.60 <%s> is not among the senders that the account of %s allows "
            + "(allowedSenders)")
        .formatted(ShortText.printable(sender, MAX_SHOWN), mailbox);
  }

  private boolean isAllowed(String sender) {
    if (sender.isEmpty()) {
      return allowed.contains("<>");
    }
    int at = sender.indexOf('@');
    return at > 0 && (allowed.contains(sender) || allowed.contains(sender.substring(at)));
  }

  /** RFC 6531 allows addresses in UTF-8. */
  private static String utf8(String bytes) {
    return new String(bytes.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
  }
}
