package org.tlsuplift.proxy.mail;

import org.tlsuplift.proxy.outcome.CloseReason;

/**
 * A mail origin refused, or its reply is not valid in its protocol. The message is one line for the
 * operator.
 */
public final class OriginRefusal extends Exception {
  private static final long serialVersionUID = 1L;

  private final CloseReason reason;

  OriginRefusal(CloseReason reason, String message) {
    // Without a stack trace, because this happens in normal operation.
    super(message, null, false, false);
    this.reason = reason;
  }

  /** The connection failed. */
  OriginRefusal(CloseReason reason, Throwable cause) {
    super(String.valueOf(cause.getMessage()), cause, false, false);
    this.reason = reason;
  }

  public CloseReason reason() {
    return reason;
  }
}
