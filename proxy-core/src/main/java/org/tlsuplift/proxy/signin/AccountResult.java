package org.tlsuplift.proxy.signin;

/** The result of a {@link SignInRequest}. The texts are for the log: no secret, one line. */
public sealed interface AccountResult {
  record Known(MailAccount account) implements AccountResult {}

  /**
   * No such login, a wrong password, or not from this address; the device learns no more than that.
   */
  record Unknown(String why) implements AccountResult {}

  /** Not known now: too many checks are running, or guesses are slowed. Try again. */
  record Unavailable(String why) implements AccountResult {}
}
