package org.tlsuplift.proxy.mail;

/**
 * What a device's line before TLS asks for.
 *
 * <p>A tag is what IMAP gives every command and wants back in the answer; for the others it is
 * empty.
 */
public sealed interface DeviceCommand {
  /**
   * The name in the line of HELO or EHLO (RFC 5321 section 4.1.1.1).
   *
   * @return what the device claims: any printable ASCII, at most 255 characters; may be empty
   */
  static String nameIn(String line) {
    String argument = line.substring(line.indexOf(' ') + 1).strip();
    boolean none = line.indexOf(' ') < 0 || !MailText.isPrintable(argument);
    return none ? "" : argument.substring(0, Math.min(argument.length(), MailText.MAX_NAME));
  }

  /**
   * The device introduces itself and asks for no list: HELO. The answer is known at once.
   *
   * @param line as it came, to introduce the device to the origin with
   */
  record Hello(String line, String reply) implements DeviceCommand {}

  /**
   * The device asks what can be done: EHLO, CAPABILITY, CAPA.
   *
   * @param line as it came
   */
  record Capabilities(String tag, String line) implements DeviceCommand {}

  /** The device asks to begin TLS: STARTTLS, STLS. */
  record StartTls(String tag) implements DeviceCommand {}

  /** Something that is answered here and changes nothing: NOOP, RSET, or a mistake. */
  record Trivial(String reply) implements DeviceCommand {}

  /** The device leaves: QUIT, LOGOUT. */
  record Quit(String reply) implements DeviceCommand {}

  /**
   * Anything for which TLS must have begun: AUTH, MAIL, LOGIN, USER.
   *
   * @param line as it came
   */
  record Beyond(String tag, String line) implements DeviceCommand {
    @Override
    public String toString() {
      // The line may hold a password.
      return "Beyond[tag=" + tag + "]";
    }
  }
}
