package org.tlsuplift.proxy.signin;

import java.util.concurrent.CompletionStage;

/** Identifies devices by login and password, or by address. Thread-safe. */
public interface Accounts {
  /**
   * Looks a device up and returns at once; hashing runs on other threads, within bounds. The stage
   * never fails, any thread completes it, and the credential is wiped before. Cancelling it as a
   * future drops a check that has not begun: the device has gone.
   */
  CompletionStage<AccountResult> check(SignInRequest request);
}
