package org.tlsuplift.proxy.mail;

import java.util.List;
import java.util.Locale;
import org.tlsuplift.proxy.model.MailProtocol;

/** The replies to devices before TLS in one mail protocol. Stateless. Every text ends with CRLF. */
public sealed interface DeviceDialect permits SmtpDevice, ImapDevice, Pop3Device {
  static DeviceDialect of(MailProtocol protocol) {
    return switch (protocol) {
      case SMTP -> new SmtpDevice();
      case IMAP -> new ImapDevice();
      case POP3 -> new Pop3Device();
    };
  }

  String greeting(String host);

  DeviceCommand command(String line, String host);

  /**
   * The size of the literal that follows a line without a prompt. Only IMAP has them (RFC 7888).
   */
  default int literalAfter(String line) {
    return 0;
  }

  /** The first word of a line, in capitals. */
  static String verb(String line) {
    return line.split(" ", 2)[0].toUpperCase(Locale.ROOT);
  }

  /**
   * The reply with the origin's capabilities.
   *
   * @param ofOrigin the origin's list, unchanged
   * @param plaintext whether the device may continue without TLS; the list then includes the ways
   *     to sign in
   */
  String capabilities(
      DeviceCommand.Capabilities asked, List<String> ofOrigin, String host, boolean plaintext);

  String startTlsAccepted(DeviceCommand.StartTls asked);

  String startTlsRefused(DeviceCommand.StartTls asked, String why);

  String tlsRequired(DeviceCommand.Beyond asked);

  /**
   * The last line before the session ends.
   *
   * @param why any text; it becomes one line of printable ASCII
   */
  String closing(String why);
}
