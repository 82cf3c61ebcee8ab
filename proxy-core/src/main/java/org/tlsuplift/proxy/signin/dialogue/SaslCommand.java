package org.tlsuplift.proxy.signin.dialogue;

import java.util.List;
import java.util.Locale;
import org.tlsuplift.proxy.model.MailProtocol;

/**
 * The command that starts a SASL mechanism at an origin (RFC 4954, RFC 9051 section 6.2.2, RFC
 * 5034). Stateless.
 *
 * @param mechanism such as {@code PLAIN}
 */
record SaslCommand(MailProtocol protocol, String mechanism) {
  /** In bytes: RFC 5321 section 4.5.3.1.4. RFC 4954 section 4 keeps it for an initial response. */
  private static final int SMTP_LINE = 512;

  /** RFC 7162 section 4: IMAP servers accept lines of 8,192 bytes. */
  private static final int IMAP_LINE = 8192;

  private static final int LINE_END = 2;

  /** The command without a response and without CRLF. */
  String line() {
    return (protocol == MailProtocol.IMAP ? "AUTHENTICATE " : "AUTH ") + mechanism;
  }

  /**
   * Whether the response may follow in the same line. Otherwise it follows the origin's challenge.
   *
   * @param capabilities the origin's capabilities
   */
  boolean fits(String response, List<String> capabilities) {
    return switch (protocol) {
      case SMTP -> line().length() + 1 + response.length() + LINE_END <= SMTP_LINE;
      case IMAP ->
          // RFC 4959. 64 bytes leave room for the tag and the command.
          capabilities.stream().anyMatch("SASL-IR"::equalsIgnoreCase)
              && response.length() + 64 <= IMAP_LINE;
      // Lines have 255 bytes (RFC 2449 section 4), and Microsoft documents two steps.
      case POP3 -> false;
    };
  }

  /** Whether the last line of a reply asks for a response. */
  boolean isChallenge(String line) {
    return switch (protocol) {
      case SMTP -> line.startsWith("334");
      case IMAP -> line.startsWith("+");
      case POP3 -> line.startsWith("+") && !line.toUpperCase(Locale.ROOT).startsWith("+OK");
    };
  }
}
