package org.tlsuplift.proxy.signin;

/** The result of a {@link Permit}. The texts are for the log: no secret, one line. */
public sealed interface PermitResult {
  record Given() implements PermitResult {}

  /** The wait was too long, or too many wait already. Try again. */
  record Busy(String why) implements PermitResult {}
}
