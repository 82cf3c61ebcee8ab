package org.tlsuplift.proxy.model;

/** The result of a {@link Permit}. Each text is one line for the log, without secrets. */
public sealed interface PermitResult {
  record Given() implements PermitResult {}

  /** The wait was too long, or the queue is full. Try again. */
  record Busy(String why) implements PermitResult {}
}
