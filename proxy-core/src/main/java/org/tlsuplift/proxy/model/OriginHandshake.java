package org.tlsuplift.proxy.model;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.outcome.HandshakeOutcome;

/**
 * The result of a handshake with an origin.
 *
 * @param failure null if the handshake completed
 * @param agreed null if the handshake failed
 * @param elapsed from the established connection until the handshake ended
 * @param revocation null if the handshake failed before the check
 */
public record OriginHandshake(
    @Nullable CloseReason failure,
    @Nullable TlsParameters agreed,
    Duration elapsed,
    @Nullable RevocationCheck revocation) {

  /** The value of the metric label: {@code completed}, or the label of {@code failure}. */
  public String outcome() {
    return failure == null ? HandshakeOutcome.COMPLETED.label() : failure.label();
  }
}
