package org.tlsuplift.server.admin;

import java.time.Duration;

/** What is said to somebody who signs in. */
sealed interface SignInResponse {
  /**
   * He may.
   *
   * @param name whose name or token it is
   */
  record Granted(String name) implements SignInResponse {}

  /** He has not shown anything that could be right. */
  record Missing() implements SignInResponse {}

  /** It was wrong. */
  record Wrong() implements SignInResponse {}

  /**
   * It was not looked at, after too many that were wrong.
   *
   * @param left how long that lasts
   */
  record Slowed(Duration left) implements SignInResponse {}

  /** It was not looked at, because too many others are. */
  record Busy() implements SignInResponse {}
}
