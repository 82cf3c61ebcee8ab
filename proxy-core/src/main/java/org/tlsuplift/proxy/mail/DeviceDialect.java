package org.tlsuplift.proxy.mail;

import java.util.List;
import java.util.Locale;
import org.tlsuplift.proxy.model.MailProtocol;

/** What is said to devices before TLS, in one mail protocol. Without state; all text ends lines. */
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
   * How many bytes follow a line at once and belong to it.
   *
   * @return 0 for none; only IMAP has such literals (RFC 7888)
   */
  default int literalBehind(String line) {
    return 0;
  }

  /** The word that a line begins with, in capitals. */
  static String verb(String line) {
    return line.split(" ", 2)[0].toUpperCase(Locale.ROOT);
  }

  /**
   * Answers with what the origin can do.
   *
   * @param ofOrigin the origin's list as it gave it
   * @param plaintext whether the device may go on without TLS, and so be told how to sign in
   */
  String capabilities(
      DeviceCommand.Capabilities asked, List<String> ofOrigin, String host, boolean plaintext);

  String startTlsAccepted(DeviceCommand.StartTls asked);

  String startTlsRefused(DeviceCommand.StartTls asked, String why);

  String tlsRequired(DeviceCommand.Beyond asked);

  /**
   * The session ends, unasked or as the answer to a command.
   *
   * @param why becomes one line of printable ASCII
   */
  String closing(String why);
}
