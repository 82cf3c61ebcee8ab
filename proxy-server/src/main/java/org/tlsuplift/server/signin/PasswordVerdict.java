package org.tlsuplift.server.signin;

import java.time.Duration;

/** The result of a password check. */
public sealed interface PasswordVerdict {
  record Right() implements PasswordVerdict {}

  record Wrong() implements PasswordVerdict {}

  /**
   * It was not checked, after too many wrong passwords.
   *
   * @param byLogin whether for this login; otherwise from this device
   * @param left the remaining wait, above zero
   */
  record Slowed(boolean byLogin, Duration left) implements PasswordVerdict {}

  /** It was not checked, because too many checks were waiting. */
  record Busy() implements PasswordVerdict {}
}
