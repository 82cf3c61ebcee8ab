package org.tlsuplift.proxy.signin;

import java.util.concurrent.CompletionStage;

/** Identifies devices by login and password, or by address. Thread-safe. */
public interface Accounts {
  /**
   * Starts a check and returns at once. Password hashing runs on other threads, with limits. The
   * stage never fails and completes on any thread, after the credential was wiped. If the device
   * has closed the connection, the caller cancels the stage as a future; a check that has not
   * started is then dropped.
   */
  CompletionStage<AccountResult> check(SignInRequest request);
}
