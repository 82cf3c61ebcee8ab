package org.tlsuplift.server.mail;

import java.util.Locale;
import java.util.regex.Pattern;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.server.config.binding.Form;

/**
 * Mail addresses in the configuration. The methods throw an {@link IllegalArgumentException} with
 * the remedy, which may be empty.
 */
public final class MailAddresses {
  public static final String MAILBOX = "a mail address, such as scanner@contoso.com";

  public static final String SENDERS =
      "mail addresses, such as scanner@contoso.com, or \"@contoso.com\" for a whole domain";

  /** The characters of a local part in the JSON schema. */
  private static final String LOCAL = "[A-Za-z0-9!#$%&''+/=?^_`{|}~.-]";

  public static final String MAILBOX_SCHEMA =
      "{type: string, maxLength: 254, pattern: '^"
          + LOCAL
          + "{1,64}@[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]+)+\\.?$'}";

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

  /** A mailbox on the Internet, as written. */
  @Form.Rules(expected = MAILBOX, schema = MAILBOX_SCHEMA)
  public static final class Mailbox implements Form<String> {
    @Override
    public String parse(String text) {
      return mailbox(text);
    }
  }

  /** An allowed sender in lower case: a mailbox, {@code @domain} or {@code <>}. */
  @Form.Rules(
      expected = SENDERS,
      schema =
          "{type: string, maxLength: 254, pattern: '^(<>|("
              + LOCAL
              + "{1,64})?@[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]+)+\\.?)$'}")
  public static final class Sender implements Form<String> {
    @Override
    public String parse(String text) {
      return sender(text);
    }
  }

  /**
   * An allowed sender of a device, whose domain needs no dot: many devices are called {@code
   * printer}.
   */
  @Form.Rules(
      expected = SENDERS,
      schema =
          "{type: string, maxLength: 254, pattern: '^(<>|("
              + LOCAL
              + "{1,64})?@[A-Za-z0-9_.-]+)$'}")
  public static final class DeviceSender implements Form<String> {
    @Override
    public String parse(String text) {
      return text.equals(NO_SENDER) ? text : allowed(text, false);
    }
  }

  /** An allowed recipient in lower case: a mailbox or {@code @domain}. */
  @Form.Rules(
      expected = SENDERS,
      schema =
          "{type: string, maxLength: 254, pattern: '^(" + LOCAL + "{1,64})?@[A-Za-z0-9_.-]+$'}")
  public static final class Recipient implements Form<String> {
    @Override
    public String parse(String text) {
      return allowed(text, false);
    }
  }
}
