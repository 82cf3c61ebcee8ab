package org.tlsuplift.proxy.mail;

import java.util.List;
import org.tlsuplift.proxy.model.MailProtocol;

/** The commands to origins, and the rules for their replies, in one mail protocol. Stateless. */
sealed interface OriginDialect permits SmtpOrigin, ImapOrigin, Pop3Origin {
  static OriginDialect of(MailProtocol protocol) {
    return switch (protocol) {
      case SMTP -> new SmtpOrigin();
      case IMAP -> new ImapOrigin();
      case POP3 -> new Pop3Origin();
    };
  }

  /**
   * The command as a line without CRLF; not for {@link OriginQuestion#GREETING}, {@link
   * OriginQuestion#HELLO} and {@link OriginQuestion#SIGN_IN}.
   *
   * @param self this side's address as an address literal (RFC 5321 section 4.1.3)
   */
  String question(OriginQuestion question, String self);

  /** Another command of this proxy as a line without CRLF. */
  default String command(String line) {
    return line;
  }

  /** Whether a line can be part of the reply. */
  boolean isWellFormed(OriginQuestion question, String line);

  /**
   * Whether the latest line completes the reply.
   *
   * @param lines at least one, all well-formed
   */
  boolean isComplete(OriginQuestion question, List<String> lines);

  boolean isPositive(OriginQuestion question, List<String> lines);

  /** The list in a positive reply to {@link OriginQuestion#CAPABILITIES}. */
  List<String> capabilities(List<String> lines);

  /** The name of STARTTLS in that list. */
  default String startTlsCapability() {
    return "STARTTLS";
  }
}
