package org.tlsuplift.proxy.signin.dialogue;

import java.util.Arrays;
import java.util.List;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.model.SignInOutcome;

/**
 * Replies to a device until it has signed in, in one mail protocol; one for each session.
 *
 * <p>Lines are bytes, because they may hold passwords: the caller wipes them afterwards. All
 * replies end with CRLF. Not thread-safe.
 */
sealed interface SignInDialect permits SmtpSignIn, ImapSignIn, Pop3SignIn {
  static SignInDialect of(MailProtocol protocol, String host, List<String> capabilities) {
    return switch (protocol) {
      case SMTP -> new SmtpSignIn(host, capabilities);
      case IMAP -> new ImapSignIn(capabilities);
      case POP3 -> new Pop3SignIn(capabilities);
    };
  }

  /** Reads a line without its end. */
  SignInStep onLine(byte[] line);

  /** Reads what a {@link SignInStep.ReadLiteral} announced; only IMAP has literals. */
  default SignInStep onLiteral(byte[] literal) {
    Arrays.fill(literal, (byte) 0);
    throw new IllegalStateException("no literal was announced");
  }

  /**
   * The device is signed in.
   *
   * @param ofOrigin the lines of the origin's positive reply
   */
  String accepted(List<String> ofOrigin);

  String refused(SignInOutcome outcome);
}
