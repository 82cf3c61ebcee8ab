package org.tlsuplift.proxy.mail;

import org.tlsuplift.proxy.model.CloseReason;

/**
 * A mail origin refused, or its reply is not its protocol; the message is one line for the
 * operator.
 */
public final class OriginRefusal extends Exception {
  private static final long serialVersionUID = 1L;

  private final CloseReason reason;

  OriginRefusal(CloseReason reason, String message) {
    // Expected in operation: no stack is kept.
    super(message, null, false, false);
    this.reason = reason;
  }

  public CloseReason reason() {
    return reason;
  }
}
