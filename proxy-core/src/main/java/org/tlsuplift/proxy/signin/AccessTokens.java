package org.tlsuplift.proxy.signin;

import java.util.concurrent.CompletionStage;

/**
 * Provides tokens for mailboxes. Thread-safe; returns at once. At most one request for a mailbox is
 * under way. Stages never fail, end within a bounded time, and are completed by any thread.
 */
public interface AccessTokens {
  /** A token for a mailbox, from the cache while it is valid. */
  CompletionStage<TokenResult> token(String mailbox);

  /**
   * A token other than the one that the origin refused: all callers with the same refused token get
   * the same new one.
   */
  CompletionStage<TokenResult> renew(String mailbox, AccessToken refused);
}
