package org.tlsuplift.proxy.signin.dialogue;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.outcome.SignInOutcome;

/**
 * The replies to a device until it has signed in, in one mail protocol. Each session has its own
 * instance.
 *
 * <p>Lines are bytes because they may hold passwords; the caller wipes them afterwards. All replies
 * end with CRLF. Not thread-safe.
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

  /** Reads the literal that a {@link SignInStep.ReadLiteral} requested. Only IMAP has literals. */
  default SignInStep onLiteral(byte[] literal) {
    Arrays.fill(literal, (byte) 0);
    throw new IllegalStateException("got a literal; expected a line");
  }

  /**
   * The reply to a line that is too long, after which the session continues, or null to end it.
   *
   * @param start the first bytes of the line
   */
  default @Nullable String tooLong(byte[] start) {
    return null;
  }

  /**
   * The reply to a device that is signed in.
   *
   * @param ofOrigin the lines of the origin's positive reply
   */
  String accepted(List<String> ofOrigin);

  String refused(SignInOutcome outcome);
}
