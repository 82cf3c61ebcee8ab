package org.tlsuplift.proxy.signin;

import java.util.concurrent.CompletionStage;

/**
 * Provides tokens for mailboxes. Thread-safe; the methods return at once. At most one request for
 * each mailbox is in progress. The stages never fail and complete within a bounded time, on any
 * thread.
 */
public interface AccessTokens {
  /** A token for a mailbox, from the cache while it is valid. */
  CompletionStage<TokenResult> token(String mailbox);

  /**
   * A new token after the origin refused one. All callers with the same refused token get the same
   * new token.
   */
  CompletionStage<TokenResult> renew(String mailbox, AccessToken refused);
}
