package org.tlsuplift.server.signin.password;

import java.time.Duration;

/** What became of a password. */
public sealed interface PasswordVerdict {
  /** It is the login's. */
  record Right() implements PasswordVerdict {}

  /** It is not. */
  record Wrong() implements PasswordVerdict {}

  /**
   * It was not looked at, after too many that were wrong.
   *
   * @param byLogin whether at this login, from anywhere; otherwise from this device
   * @param left how long that lasts, above zero
   */
  record Slowed(boolean byLogin, Duration left) implements PasswordVerdict {}

  /** It was not looked at, because too many others are. */
  record Busy() implements PasswordVerdict {}
}
