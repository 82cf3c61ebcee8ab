package org.tlsuplift.proxy.signin;

/** The result of a {@link SignInRequest}. Each text is one line for the log, without secrets. */
public sealed interface AccountResult {
  record Known(MailAccount account) implements AccountResult {}

  /**
   * The login is unknown, the password is wrong, or the address is not allowed. The device does not
   * learn which.
   */
  record Unknown(String why) implements AccountResult {}

  /** No result at the moment: too many checks are running, or guesses are slowed. Try again. */
  record Unavailable(String why) implements AccountResult {}
}
