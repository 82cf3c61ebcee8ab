package org.tlsuplift.proxy.mail.guard;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.tlsuplift.proxy.mail.MailPolicy;
import org.tlsuplift.proxy.mail.MailService;
import org.tlsuplift.proxy.model.MailProtocol;

/**
 * The SMTP capabilities that a device gets of its origin's: without those whose commands the guard
 * refuses, and with a SIZE (RFC 1870) that the listener allows. Stateless.
 */
public final class GuardedCapabilities {
  private static final Pattern AFTER_KEYWORD = Pattern.compile("[ =\r\n]");

  /**
   * Hidden from devices that this proxy signs in: TLS has already started, and the guard must be
   * able to read where a message starts and ends (RFC 3030 for CHUNKING).
   */
  public static final Set<String> HIDDEN_AFTER_SIGN_IN =
      Set.of("STARTTLS", "AUTH", "CHUNKING", "BINARYMIME", "BURL", "XCLIENT", "XFORWARD", "ETRN");

  /** Hidden from devices that sign in to the origin themselves. */
  static final Set<String> HIDDEN =
      Set.of(
          "STARTTLS", "BURL", "XCLIENT", "XFORWARD", "ETRN", "ATRN", "TURN", "X-EXPS", "XEXCH50");

  /** Hidden from devices that sign in to the origin themselves, where chunks cannot pass. */
  static final Set<String> HIDDEN_WITHOUT_CHUNKS =
      Stream.concat(HIDDEN.stream(), Stream.of("CHUNKING", "BINARYMIME"))
          .collect(Collectors.toUnmodifiableSet());

  private GuardedCapabilities() {}

  /**
   * The list for a device that has not started TLS. Where it need not, this list also holds for its
   * messages.
   */
  public static List<String> beforeRelay(
      List<String> ofOrigin, MailService mail, MailPolicy policy) {
    if (mail.protocol() != MailProtocol.SMTP) {
      return ofOrigin;
    } else if (!mail.allowPlaintext()) {
      return limited(ofOrigin, policy);
    }
    Predicate<String> shown =
        each -> each.equals("STARTTLS") || !HIDDEN_WITHOUT_CHUNKS.contains(each);
    return limited(ofOrigin.stream().filter(each -> shown.test(keyword(each))).toList(), policy);
  }

  /** These capabilities with a SIZE that the listener allows. */
  public static List<String> limited(List<String> capabilities, MailPolicy policy) {
    return capabilities.stream()
        .map(
            capability ->
                keyword(capability).equals("SIZE") ? size(capability, policy) : capability)
        .toList();
  }

  /** The name of a capability in capitals. Some servers write {@code AUTH=LOGIN}. */
  static String keyword(String capability) {
    return AFTER_KEYWORD.split(capability, 2)[0].toUpperCase(Locale.ROOT);
  }

  /** The smaller of two limits; without a number, or with 0, the origin has none. */
  static String size(String ofOrigin, MailPolicy policy) {
    if (policy.maximumSize() == 0) {
      return ofOrigin;
    }
    long bytes = bytes(ofOrigin);
    return bytes == 0 || bytes > policy.maximumSize() ? "SIZE " + policy.maximumSize() : ofOrigin;
  }

  /** The largest message that an origin with these capabilities accepts, in bytes; 0 for none. */
  public static long size(List<String> capabilities) {
    return capabilities.stream()
        .filter(each -> keyword(each).equals("SIZE"))
        .mapToLong(GuardedCapabilities::bytes)
        .findFirst()
        .orElse(0);
  }

  /** The limit in the capability SIZE, in bytes; 0 if it has none. */
  static long bytes(String size) {
    String number = size.substring("SIZE".length()).strip();
    return number.matches("[0-9]{1,18}") ? Long.parseLong(number) : 0;
  }
}
