package org.tlsuplift.proxy.mail;

import java.util.List;
import org.tlsuplift.proxy.model.MailProtocol;

/** Questions to origins and how to read the replies, in one mail protocol. Stateless. */
sealed interface OriginDialect permits SmtpOrigin, ImapOrigin, Pop3Origin {
  static OriginDialect of(MailProtocol protocol) {
    return switch (protocol) {
      case SMTP -> new SmtpOrigin();
      case IMAP -> new ImapOrigin();
      case POP3 -> new Pop3Origin();
    };
  }

  /**
   * The question as a line without its end; not for {@link OriginQuestion#GREETING}, {@link
   * OriginQuestion#HELLO} and {@link OriginQuestion#SIGN_IN}.
   *
   * @param self this side's address as an address literal (RFC 5321 section 4.1.3)
   */
  String question(OriginQuestion question, String self);

  /** One of our own commands as a line without its end. */
  default String command(String line) {
    return line;
  }

  /** Whether a line may be part of the reply at all. */
  boolean isWellFormed(OriginQuestion question, String line);

  /**
   * Whether a reply is complete with its latest line.
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
