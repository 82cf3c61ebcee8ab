package org.tlsuplift.proxy.setup.signin;

import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.CloseReason;
import org.tlsuplift.proxy.model.SignInOutcome;
import org.tlsuplift.proxy.signin.MailAccount;
import org.tlsuplift.proxy.signin.Permit;
import org.tlsuplift.proxy.upstream.mail.OriginSignInResult;

/** How one sign-in ended. */
public sealed interface SignInResult {
  /**
   * The origin has been signed in to.
   *
   * @param permit to be ended when the connection is closed
   */
  record Granted(MailAccount account, Permit permit, OriginSignInResult.SignedIn origin)
      implements SignInResult {}

  /**
   * It was not to be.
   *
   * @param mailbox whose mailbox, or null when that is not known
   * @param reason why the session ends if the device leaves it at that
   * @param detail one line for the operator, without secrets; may be empty
   */
  record Failed(SignInOutcome outcome, @Nullable String mailbox, CloseReason reason, String detail)
      implements SignInResult {}
}
