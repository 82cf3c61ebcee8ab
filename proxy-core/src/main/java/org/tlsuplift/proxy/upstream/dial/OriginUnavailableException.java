package org.tlsuplift.proxy.upstream.dial;

import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.Explanation;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.OriginHandshake;
import org.tlsuplift.proxy.outcome.CloseReason;

/** An origin cannot be reached or trusted. The message is one line for the operator. */
public final class OriginUnavailableException extends Exception {
  private static final long serialVersionUID = 1L;

  private final CloseReason reason;
  private final transient Explanation why;
  private final transient @Nullable OriginHandshake handshake;
  private final boolean late;

  /** The message starts with the origin. */
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
    // No stack trace: this is expected, and frequent while an origin is down.
    super(message, null, false, false);
    this.reason = reason;
    this.why = why;
    this.handshake = handshake;
    this.late = late;
  }

  /** A copy that records whether a timeout is the cause. */
  OriginUnavailableException late(boolean timedOut) {
    return new OriginUnavailableException(
        reason, String.valueOf(getMessage()), why, handshake, timedOut);
  }

  /** Cause and remedy, without the origin. */
  public Explanation why() {
    return why;
  }

  public CloseReason reason() {
    return reason;
  }

  /** Whether a timeout is the cause. */
  public boolean isLate() {
    return late;
  }

  /** The failed handshake, or null if none started. */
  public @Nullable OriginHandshake handshake() {
    return handshake;
  }
}
