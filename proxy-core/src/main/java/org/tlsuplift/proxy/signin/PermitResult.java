package org.tlsuplift.proxy.signin;

/** What became of a {@link Permit}. The texts are for the log: no secret, one line. */
public sealed interface PermitResult {
  /** It is this one's turn. */
  record Given() implements PermitResult {}

  /** Not within the time that one may wait, or too many wait already. Try again. */
  record Busy(String why) implements PermitResult {}
}
