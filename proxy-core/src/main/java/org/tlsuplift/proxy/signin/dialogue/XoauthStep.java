package org.tlsuplift.proxy.signin.dialogue;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.OriginReply;

/** What follows on an origin's reply to XOAUTH2. */
public sealed interface XoauthStep {
  /** What a refusal means for another try. */
  enum Refusal {
    /** The token is not taken; another one may be. */
    TOKEN,
    /** The mailbox has too many sessions. */
    MAILBOX_BUSY,
    /** Not now. */
    PASSING,
    /** Not before somebody changes something. */
    LASTING
  }

  /**
   * Something is to be said.
   *
   * @param line without its end; may hold the token
   */
  record Say(String line) implements XoauthStep {
    @Override
    public String toString() {
      return "Say[" + line.length() + " characters]";
    }
  }

  /**
   * The origin took it.
   *
   * @param reply what it said, a line each
   */
  record SignedIn(List<String> reply) implements XoauthStep {}

  /**
   * The origin did not take it.
   *
   * @param detail its reply as one line for the operator, without what we said
   * @param known which of the known refusals it is, or null
   */
  record Refused(Refusal refusal, String detail, @Nullable OriginReply known)
      implements XoauthStep {}
}
