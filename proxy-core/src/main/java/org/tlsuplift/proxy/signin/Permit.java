package org.tlsuplift.proxy.signin;

import java.util.concurrent.CompletionStage;

/** A place in the line for a mailbox, and what comes of it. Thread-safe. */
public interface Permit {
  /** Never fails, ends within a bounded time, and is completed by any thread. */
  CompletionStage<PermitResult> answer();

  /**
   * Gives back what was given, or leaves the line: who waits no longer gets nothing. May be called
   * by any thread, at any time, and more than once.
   */
  void end();
}
