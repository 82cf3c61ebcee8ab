package org.tlsuplift.proxy.signin;

import java.util.concurrent.CompletionStage;

/** A request for a permit, in a queue or granted. Thread-safe. */
public interface Permit {
  /** Never fails, ends within a bounded time, and is completed by any thread. */
  CompletionStage<PermitResult> answer();

  /**
   * Returns the permit, or leaves the queue. Any thread may call it, at any time, and more than
   * once.
   */
  void end();
}
