package org.tlsuplift.proxy.setup.signin;

import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.CloseReason;
import org.tlsuplift.proxy.model.SignInOutcome;
import org.tlsuplift.proxy.signin.MailAccount;
import org.tlsuplift.proxy.signin.Turn;
import org.tlsuplift.proxy.upstream.mail.OriginAnswer;

/** How one sign-in ended. */
public sealed interface SignInEnd {
  /**
   * The origin has been signed in to.
   *
   * @param turn to be ended when the connection is closed
   */
  record Granted(MailAccount account, Turn turn, OriginAnswer.SignedIn origin)
      implements SignInEnd {}

  /**
   * It was not to be.
   *
   * @param mailbox whose mailbox, or null when that is not known
   * @param reason why the session ends if the device leaves it at that
   * @param detail one line for the operator, without secrets; may be empty
   */
  record Failed(SignInOutcome outcome, @Nullable String mailbox, CloseReason reason, String detail)
      implements SignInEnd {}
}
