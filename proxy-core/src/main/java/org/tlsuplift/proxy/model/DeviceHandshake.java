package org.tlsuplift.proxy.model;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.outcome.HandshakeOutcome;

/**
 * The result of a handshake with a device.
 *
 * @param agreed null if the handshake failed
 * @param elapsed from the decision to terminate until the handshake ended
 * @param detail one line for the operator if the handshake failed: the device's offer and what the
 *     listener allows; otherwise empty
 * @param key of the certificate that the device was shown, or null if the CA had no choice
 */
public record DeviceHandshake(
    HandshakeOutcome outcome,
    @Nullable TlsParameters agreed,
    Duration elapsed,
    String detail,
    @Nullable LeafKey key) {
  /** A handshake with the only certificate that there was, or with none. */
  public DeviceHandshake(
      HandshakeOutcome outcome, @Nullable TlsParameters agreed, Duration elapsed, String detail) {
    this(outcome, agreed, elapsed, detail, null);
  }
}
