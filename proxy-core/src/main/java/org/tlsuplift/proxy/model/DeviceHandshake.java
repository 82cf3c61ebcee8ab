package org.tlsuplift.proxy.model;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The end of a handshake with a device.
 *
 * @param agreed null if it failed
 * @param elapsed from the decision to terminate until the end
 * @param detail one line for the operator if it failed: what was offered, what is allowed; empty
 *     otherwise
 */
public record DeviceHandshake(
    HandshakeOutcome outcome, @Nullable TlsParameters agreed, Duration elapsed, String detail) {

  /** Whether a handshake completed below TLS 1.2. */
  public boolean isLegacy() {
    return agreed != null && agreed.version().isLegacy();
  }
}
