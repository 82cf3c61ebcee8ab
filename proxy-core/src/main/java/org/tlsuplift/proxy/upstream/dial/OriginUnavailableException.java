package org.tlsuplift.proxy.upstream.dial;

import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.CloseReason;
import org.tlsuplift.proxy.model.OriginHandshake;

/** An origin could not be reached or not be trusted; the message is one line for the operator. */
public final class OriginUnavailableException extends Exception {
  private static final long serialVersionUID = 1L;

  private final CloseReason reason;
  private final transient @Nullable OriginHandshake handshake;
  private final boolean late;

  public OriginUnavailableException(
      CloseReason reason, String message, @Nullable OriginHandshake handshake) {
    this(reason, message, handshake, false);
  }

  private OriginUnavailableException(
      CloseReason reason, String message, @Nullable OriginHandshake handshake, boolean late) {
    // Expected in operation and thrown often when an origin is down: no stack is kept.
    super(message, null, false, false);
    this.reason = reason;
    this.handshake = handshake;
    this.late = late;
  }

  /** The same failure, with the cause known. */
  OriginUnavailableException late(boolean isSo) {
    return new OriginUnavailableException(reason, String.valueOf(getMessage()), handshake, isSo);
  }

  public CloseReason reason() {
    return reason;
  }

  /** Whether a response was too late. */
  public boolean isLate() {
    return late;
  }

  /** The failed handshake, or null if none was begun. */
  public @Nullable OriginHandshake handshake() {
    return handshake;
  }
}
