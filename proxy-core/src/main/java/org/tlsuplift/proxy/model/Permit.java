package org.tlsuplift.proxy.model;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A permit that waits in a queue or is granted. Thread-safe. */
public interface Permit {
  /** A permit without a limit, which is granted at once. */
  Permit GRANTED =
      new Permit() {
        @Override
        public CompletionStage<PermitResult> answer() {
          return CompletableFuture.completedStage(new PermitResult.Given());
        }

        @Override
        public void end() {}
      };

  /** Never fails, and completes within a bounded time, on any thread. */
  CompletionStage<PermitResult> answer();

  /**
   * Returns the permit, or leaves the queue. Any thread may call this method at any time, also
   * repeatedly.
   */
  void end();
}
