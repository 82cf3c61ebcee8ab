package org.tlsuplift.proxy.signin;

/** What became of a {@link SignInRequest}. The texts are for the log: no secret, one line. */
public sealed interface AccountResult {
  /** The device is known. */
  record Known(MailAccount account) implements AccountResult {}

  /**
   * No such login, a wrong password, or not from this address; the device is told no more than
   * that.
   */
  record Unknown(String why) implements AccountResult {}

  /** It cannot be told now: too many are being checked, or guesses are slowed. Try again. */
  record Unavailable(String why) implements AccountResult {}
}
