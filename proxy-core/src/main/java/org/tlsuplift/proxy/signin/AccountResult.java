package org.tlsuplift.proxy.signin;

/** The result of a {@link SignInRequest}. Each text is one line for the log, without secrets. */
public sealed interface AccountResult {
  /**
   * The account of the device.
   *
   * @param access how this proxy signs in at the origin for it
   */
  record Known(MailAccount account, OriginAccess access) implements AccountResult {}

  /**
   * The login is unknown, the password is wrong, or the address is not allowed. The device does not
   * learn which.
   */
  record Unknown(String why) implements AccountResult {}

  /** No result at the moment: too many checks are running, or guesses are slowed. Try again. */
  record Unavailable(String why) implements AccountResult {}
}
