package org.tlsuplift.proxy.signin.dialogue;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.OriginReply;

/** What follows an origin's reply to XOAUTH2. */
public sealed interface XoauthStep {
  /** What a refusal means for another try. */
  enum Refusal {
    /** The origin refused the token; another one may work. */
    TOKEN,
    MAILBOX_BUSY,
    /** Try again later. */
    PASSING,
    /** Somebody must change something first. */
    LASTING
  }

  /**
   * A line to send.
   *
   * @param line without its end; may hold the token
   */
  record Send(String line) implements XoauthStep {
    @Override
    public String toString() {
      return "Send[" + line.length() + " characters]";
    }
  }

  /**
   * The origin accepted it.
   *
   * @param reply its lines
   */
  record SignedIn(List<String> reply) implements XoauthStep {}

  /**
   * The origin refused it.
   *
   * @param detail its reply as one line for the operator, without the secrets
   * @param known which of the known refusals it is, or null
   */
  record Refused(Refusal refusal, String detail, @Nullable OriginReply known)
      implements XoauthStep {}
}
