package org.tlsuplift.proxy.signin;

import java.util.concurrent.CompletionStage;

/**
 * Has tokens for mailboxes. Thread-safe; returns at once. However many ask, one request for a
 * mailbox is under way. Stages never fail, end within a bounded time, and are completed by any
 * thread.
 */
public interface AccessTokens {
  /** A token for a mailbox, from the cache while it is good. */
  CompletionStage<TokenResult> token(String mailbox);

  /**
   * A token other than one that the origin refused: whoever comes with the same refused token gets
   * the same new one.
   */
  CompletionStage<TokenResult> renew(String mailbox, AccessToken refused);
}
