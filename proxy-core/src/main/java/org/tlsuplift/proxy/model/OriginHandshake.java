package org.tlsuplift.proxy.model;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The end of a handshake with an origin.
 *
 * @param failure null if it completed
 * @param agreed null if it failed
 * @param elapsed from the established connection until the end
 * @param revocation null if it failed before
 */
public record OriginHandshake(
    @Nullable CloseReason failure,
    @Nullable TlsParameters agreed,
    Duration elapsed,
    @Nullable RevocationCheck revocation) {

  /** The value of the metric tag: {@code completed}, or the reason's label. */
  public String outcome() {
    return failure == null ? HandshakeOutcome.COMPLETED.label() : failure.label();
  }
}
