package org.tlsuplift.server.config;

import java.util.Locale;
import java.util.regex.Pattern;
import org.tlsuplift.proxy.model.HostPort;

/**
 * Mail addresses in the configuration. The methods throw an {@link IllegalArgumentException} with
 * the remedy, which may be empty.
 */
public final class MailAddresses {
  public static final String MAILBOX = "a mail address, such as scanner@contoso.com";

  /** The null reverse-path of notifications (RFC 5321 section 4.5.5). */
  private static final String NO_SENDER = "<>";

  private static final Pattern LOCAL_PART = Pattern.compile("[A-Za-z0-9!#$%&'+/=?^_`{|}~.-]{1,64}");
  private static final int MAX_ADDRESS = 254;

  private MailAddresses() {}

  /** A mailbox on the Internet, as written. */
  public static String mailbox(String text) {
    return address(text, true);
  }

  /** An allowed sender in lower case: a mailbox, {@code @domain} or {@code <>}. */
  public static String sender(String text) {
    return text.equals(NO_SENDER) ? text : allowed(text, true);
  }

  /**
   * The same for the senders of devices, whose domains need no dot: many devices are called {@code
   * printer}.
   */
  public static String deviceSender(String text) {
    return text.equals(NO_SENDER) ? text : allowed(text, false);
  }

  /** An allowed recipient in lower case: a mailbox or {@code @domain}. */
  public static String recipient(String text) {
    return allowed(text, false);
  }

  private static String allowed(String text, boolean dotted) {
    String allowed = text.toLowerCase(Locale.ROOT);
    if (allowed.startsWith("@")) {
      if (!isDomain(allowed.substring(1), dotted)) {
        throw new IllegalArgumentException("");
      }
      return allowed;
    }
    if (!allowed.contains("@") && isDomain(allowed, true)) {
      throw new IllegalArgumentException("write \"@" + allowed + "\"");
    }
    return address(allowed, dotted);
  }

  private static String address(String text, boolean dotted) {
    int at = text.lastIndexOf('@');
    if (at < 1
        || text.length() > MAX_ADDRESS
        || !LOCAL_PART.matcher(text.substring(0, at)).matches()
        || !isDomain(text.substring(at + 1), dotted)) {
      throw new IllegalArgumentException(
          text.contains("<") ? "write the address without < and >" : "");
    }
    return text;
  }

  private static boolean isDomain(String text, boolean dotted) {
    return (!dotted || text.contains(".")) && HostPort.isHostName(text.toLowerCase(Locale.ROOT));
  }
}
