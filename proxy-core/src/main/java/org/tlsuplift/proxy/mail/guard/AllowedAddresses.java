package org.tlsuplift.proxy.mail.guard;

import java.net.IDN;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.ShortText;

/**
 * Decides about the address in MAIL FROM or RCPT TO.
 *
 * <p>If addresses are restricted, only plain ones are accepted, because the origin could read an
 * unusual form as another address.
 */
final class AllowedAddresses {
  /** Source routes, quoted local parts, comments and literals (RFC 5321 section 4.1.2). */
  private static final Pattern UNUSUAL = Pattern.compile("[\"\\\\,:;()\\[\\]]|@.*@");

  /**
   * Local parts with another domain, in lower case: some servers deliver {@code
   * a%x.example@y.example} and {@code x.example!a@y.example} to {@code a@x.example} (RFC 976, RFC
   * 1123 section 5.2.16), and Exchange so an address that it encapsulates after {@code IMCEASMTP-}.
   */
  private static final Pattern ROUTED = Pattern.compile("[%!]|^imcea");

  private static final Pattern A_LABEL = Pattern.compile("(?<![^.])xn--[a-z0-9-]+(?![^.])");

  /** In characters. A device may send any text as an address, but a refusal is one short line. */
  private static final int MAX_SHOWN = 100;

  private final Set<String> allowed;
  private final String refusal;

  /**
   * @param allowed in lower case; empty for all
   * @param refusal the reply for another address, with {@code %s} for it
   */
  AllowedAddresses(List<String> allowed, String refusal) {
    this.allowed =
        allowed.stream().map(AllowedAddresses::normalized).collect(Collectors.toUnmodifiableSet());
    this.refusal = refusal;
  }

  /**
   * Checks an address.
   *
   * @return the reply that refuses it, without CRLF, or null if it is allowed
   */
  @Nullable String refusal(Envelope envelope) {
    if (allowed.isEmpty()) {
      return null;
    }
    String address = envelope.text();
    return !UNUSUAL.matcher(address).find() && isAllowed(normalized(address))
        ? null
        : refusal.formatted(ShortText.printable(address, MAX_SHOWN));
  }

  /** Whether all addresses are allowed, unusual ones included. */
  boolean isOpen() {
    return allowed.isEmpty();
  }

  /**
   * The address in lower case, with an internationalized domain in Unicode (RFC 5890). Only
   * A-labels change, because Java would map some characters of U-labels to other domains.
   */
  private static String normalized(String address) {
    String lower = address.toLowerCase(Locale.ROOT);
    String domain = lower.substring(lower.lastIndexOf('@') + 1);
    return A_LABEL.matcher(domain).find()
        ? lower.substring(0, lower.length() - domain.length())
            + A_LABEL
                .matcher(domain)
                .replaceAll(label -> Matcher.quoteReplacement(IDN.toUnicode(label.group())))
        : lower;
  }

  private boolean isAllowed(String address) {
    if (address.isEmpty()) {
      return allowed.contains("<>");
    }
    int at = address.indexOf('@');
    return at > 0
        && (allowed.contains(address)
            || (!ROUTED.matcher(address).find() && allowed.contains(address.substring(at))));
  }
}
