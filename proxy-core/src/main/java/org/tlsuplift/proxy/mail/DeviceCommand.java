package org.tlsuplift.proxy.mail;

/**
 * A device's command before TLS.
 *
 * <p>In IMAP every command has a tag, which the reply repeats. In other protocols the tag is empty.
 */
public sealed interface DeviceCommand {
  /**
   * The name in HELO or EHLO (RFC 5321 section 4.1.1.1).
   *
   * @return the name that the device claims: any printable ASCII, at most 255 characters; may be
   *     empty
   */
  static String nameIn(String line) {
    String argument = line.substring(line.indexOf(' ') + 1).strip();
    boolean none = line.indexOf(' ') < 0 || !MailText.isPrintable(argument);
    return none ? "" : argument.substring(0, Math.min(argument.length(), MailText.MAX_NAME));
  }

  /** HELO. The reply has no list of capabilities, so it does not depend on the origin. */
  record Hello(String line, String reply) implements DeviceCommand {}

  /** EHLO, CAPABILITY, CAPA. */
  record Capabilities(String tag, String line) implements DeviceCommand {}

  /** STARTTLS, STLS. */
  record StartTls(String tag) implements DeviceCommand {}

  /** A command that gets a reply without any effect: NOOP, RSET, or an error. */
  record Trivial(String reply) implements DeviceCommand {}

  /** QUIT, LOGOUT. */
  record Quit(String reply) implements DeviceCommand {}

  /** A command that needs TLS first: AUTH, MAIL, LOGIN, USER. */
  record Beyond(String tag, String line) implements DeviceCommand {
    @Override
    public String toString() {
      // The line may hold a password.
      return "Beyond[tag=" + tag + "]";
    }
  }
}
