package org.tlsuplift.server.signin.token;

import java.util.concurrent.CompletableFuture;
import org.tlsuplift.proxy.signin.AccessToken;

/** A way to get tokens. */
interface TokenGrant {
  /**
   * Requests a token. Returns at once or after reading a file; not for event loops.
   *
   * @param fresh whether a cached token is not enough
   * @return fails with an exception that {@link GrantFailure} understands
   */
  CompletableFuture<AccessToken> ask(boolean fresh);

  /**
   * The inputs that an operator may change; equal as long as none has changed. Reads a file, never
   * throws; not for event loops, and not to be printed.
   */
  Object basis();

  /** Whether its tokens are for one mailbox, so that a refused one is useless. */
  boolean ofOneMailbox();
}
