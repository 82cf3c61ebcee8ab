package org.tlsuplift.proxy.mail;

/**
 * A device's command before TLS.
 *
 * <p>IMAP gives every command a tag and expects it in the reply; for the others it is empty.
 */
public sealed interface DeviceCommand {
  /**
   * The name in HELO or EHLO (RFC 5321 section 4.1.1.1).
   *
   * @return what the device claims: any printable ASCII, at most 255 characters; may be empty
   */
  static String nameIn(String line) {
    String argument = line.substring(line.indexOf(' ') + 1).strip();
    boolean none = line.indexOf(' ') < 0 || !MailText.isPrintable(argument);
    return none ? "" : argument.substring(0, Math.min(argument.length(), MailText.MAX_NAME));
  }

  /** HELO: the device introduces itself and needs no list, so the reply is known at once. */
  record Hello(String line, String reply) implements DeviceCommand {}

  /** EHLO, CAPABILITY, CAPA. */
  record Capabilities(String tag, String line) implements DeviceCommand {}

  /** STARTTLS, STLS. */
  record StartTls(String tag) implements DeviceCommand {}

  /** Answered here without effect: NOOP, RSET, or a mistake. */
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
