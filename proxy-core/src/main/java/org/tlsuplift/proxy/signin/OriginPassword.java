package org.tlsuplift.proxy.signin;

import java.util.concurrent.CompletionStage;

/** Reads the password for an origin, each time, so that it can be replaced. Thread-safe. */
public interface OriginPassword {
  /** Returns at once. The stage never fails and completes within a bounded time, on any thread. */
  CompletionStage<Result> read();

  /** The result of reading. */
  sealed interface Result {
    /**
     * The password.
     *
     * @param value a secret for the origin, without NUL
     */
    record Known(String value) implements Result {
      @Override
      public String toString() {
        return "a password";
      }
    }

    /**
     * The operator must change something first, such as a missing file.
     *
     * @param why one line for the log, without secrets
     */
    record Unreadable(String why) implements Result {}
  }
}
