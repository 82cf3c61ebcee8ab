package org.tlsuplift.server.inventory.messages;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.tlsuplift.proxy.model.Labelled;
import org.tlsuplift.proxy.model.MailMessage;
import org.tlsuplift.proxy.model.MessageOutcome;

/** What is stored about the recipients of a message, besides their number. */
public enum StoredRecipients implements Labelled {
  /** Their addresses. */
  FULL,
  /** Their domains, each once, as {@code @contoso.com}. */
  DOMAIN,
  NONE;

  private static final String HIDDEN = "...";
  private static final Pattern ADDRESS =
      Pattern.compile("[^\\s<>()\\[\\],;:=\"']{1,256}(@[A-Za-z0-9.-]{1,255})");

  /** The part of the recipients that is stored, at most {@link MessageRecord#MAX_RECIPIENTS}. */
  List<String> of(MailMessage message) {
    List<String> kept = new ArrayList<>();
    int length = 0;
    for (String each : chosen(message)) {
      length += each.length() + 1;
      if (length > MessageRecord.MAX_RECIPIENTS) {
        break;
      }
      kept.add(each);
    }
    return kept;
  }

  private List<String> chosen(MailMessage message) {
    return switch (this) {
      case FULL -> message.recipients();
      case DOMAIN -> domains(message.recipients());
      case NONE -> List.of();
    };
  }

  private static List<String> domains(List<String> addresses) {
    Set<String> domains = new LinkedHashSet<>();
    for (String address : addresses) {
      int at = address.lastIndexOf('@');
      if (at >= 0) {
        domains.add(address.substring(at).toLowerCase(Locale.ROOT));
      }
    }
    return List.copyOf(domains);
  }

  /**
   * The reply, without recipients that may not be stored: origins repeat addresses in refusals.
   *
   * <p>A reply that accepts the message keeps other addresses, because Microsoft's identifier of a
   * message looks like an address.
   *
   * @param account the mailbox that sent the message; may be empty
   */
  String reply(MailMessage message, String account) {
    if (this == FULL || message.reply().isEmpty()) {
      return message.reply();
    }
    String reply = message.reply();
    for (String recipient : message.recipients()) {
      if (!recipient.isEmpty() && !recipient.equalsIgnoreCase(message.sender())) {
        String shown = recipient.contains("@") ? recipient : "<" + recipient + ">";
        reply =
            Pattern.compile(Pattern.quote(shown), Pattern.CASE_INSENSITIVE)
                .matcher(reply)
                .replaceAll(Matcher.quoteReplacement(hidden(recipient)));
      }
    }
    return message.outcome() == MessageOutcome.ACCEPTED
            || message.outcome() == MessageOutcome.DELIVERED
        ? reply
        : ADDRESS
            .matcher(reply)
            .replaceAll(
                found -> {
                  String address = found.group();
                  boolean ours =
                      address.equalsIgnoreCase(message.sender())
                          || address.equalsIgnoreCase(account);
                  return Matcher.quoteReplacement(ours ? address : hidden(address));
                });
  }

  private String hidden(String address) {
    int at = address.lastIndexOf('@');
    return this == DOMAIN && at >= 0 ? HIDDEN + address.substring(at) : HIDDEN;
  }
}
