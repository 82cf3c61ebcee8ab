package org.tlsuplift.proxy.signin.dialogue;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.outcome.OriginReply;

/** The step after an origin's reply to a sign-in with a token or a password. */
public sealed interface XoauthStep {
  /** Whether another attempt can succeed after a refusal. */
  enum Refusal {
    /** The origin refused the token or password; another one may work. */
    TOKEN,
    MAILBOX_BUSY,
    /** Try again later. */
    PASSING,
    /** The operator must change something first. */
    LASTING
  }

  /**
   * A line to send.
   *
   * @param line without CRLF; may hold the token or password
   */
  record Send(String line) implements XoauthStep {
    @Override
    public String toString() {
      return "Send[" + line.length() + " characters]";
    }
  }

  /**
   * The origin accepted the sign-in.
   *
   * @param reply the lines of the origin's reply
   */
  record SignedIn(List<String> reply) implements XoauthStep {}

  /**
   * The origin refused the sign-in.
   *
   * @param detail the origin's reply as one line for the operator, without secrets
   * @param known the known refusal, or null
   */
  record Refused(Refusal refusal, String detail, @Nullable OriginReply known)
      implements XoauthStep {}
}
