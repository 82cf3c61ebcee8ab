package org.tlsuplift.proxy.signin;

import java.util.concurrent.CompletionStage;

/** Knows devices by login and password, or by address. Thread-safe. */
public interface Accounts {
  /**
   * Looks a device up. Returns at once; hashing happens on threads of its own, within bounds. The
   * stage never fails, is completed by any thread, and the credential has been wiped by then.
   * Cancelling it as a future gives up what has not begun: the device has gone.
   */
  CompletionStage<AccountResult> check(SignInRequest request);
}
