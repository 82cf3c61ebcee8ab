package org.tlsuplift.proxy.upstream.dial;

import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.CloseReason;
import org.tlsuplift.proxy.model.Explanation;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.OriginHandshake;

/** An origin could not be reached or not be trusted; the message is one line for the operator. */
public final class OriginUnavailableException extends Exception {
  private static final long serialVersionUID = 1L;

  private final CloseReason reason;
  private final transient Explanation why;
  private final transient @Nullable OriginHandshake handshake;
  private final boolean late;

  /** The message is the origin and why it is not available. */
  public OriginUnavailableException(
      CloseReason reason, HostPort origin, Explanation why, @Nullable OriginHandshake handshake) {
    this(reason, origin + ": " + why.text(), why, handshake, false);
  }

  private OriginUnavailableException(
      CloseReason reason,
      String message,
      Explanation why,
      @Nullable OriginHandshake handshake,
      boolean late) {
    // Expected in operation and thrown often when an origin is down: no stack is kept.
    super(message, null, false, false);
    this.reason = reason;
    this.why = why;
    this.handshake = handshake;
    this.late = late;
  }

  /** The same failure, with the cause known. */
  OriginUnavailableException late(boolean isSo) {
    return new OriginUnavailableException(
        reason, String.valueOf(getMessage()), why, handshake, isSo);
  }

  /** Cause and remedy, without the origin. */
  public Explanation why() {
    return why;
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
