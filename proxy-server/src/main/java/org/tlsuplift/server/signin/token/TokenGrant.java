package org.tlsuplift.server.signin.token;

import java.util.concurrent.CompletableFuture;
import org.tlsuplift.proxy.signin.AccessToken;

/** One way to have tokens. */
interface TokenGrant {
  /**
   * Asks for a token. Returns at once or after reading a file; not for event loops.
   *
   * @param fresh whether it has to be another than those that are kept
   * @return fails with what {@link GrantFailure} understands
   */
  CompletableFuture<AccessToken> ask(boolean fresh);

  /**
   * What the answer depends on and an operator may change: equal until one does. Reads a file,
   * never throws; not for event loops, and not to be printed.
   */
  Object basis();

  /**
   * Whether its tokens are for one mailbox alone: one that is refused there is good for nothing.
   */
  boolean ofOneMailbox();
}
