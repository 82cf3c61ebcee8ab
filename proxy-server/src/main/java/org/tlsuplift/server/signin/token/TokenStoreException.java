package org.tlsuplift.server.signin.token;

import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.outcome.OperatorException;

/** The tokens of a user cannot be read or written; the message is one line for the operator. */
public final class TokenStoreException extends OperatorException {
  private static final long serialVersionUID = 1L;

  private final boolean passing;

  /**
   * @param passing whether a retry may help; otherwise an operator must change something
   */
  public TokenStoreException(String message, boolean passing) {
    this(message, passing, null);
  }

  public TokenStoreException(String message, boolean passing, @Nullable Throwable cause) {
    super(message, cause);
    this.passing = passing;
  }

  /** Whether a retry may help. */
  public boolean passing() {
    return passing;
  }
}
