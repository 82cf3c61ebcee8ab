package org.tlsuplift.proxy.model;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.outcome.HandshakeOutcome;

/**
 * Everything known about a session at its end.
 *
 * @param device the device's address, from the PROXY header if there is one
 * @param target the device's target, or null if unknown
 * @param offered null if no ClientHello was read
 * @param detail one line for the operator; may be empty
 * @param deviceHandshake null if none was started
 * @param originHandshake null if none was started
 * @param tunnelled the parameters that device and origin agreed on in a tunnel, or null without a
 *     tunnel or if they are unknown
 * @param bytesUp payload bytes relayed to the origin
 * @param bytesDown payload bytes relayed to the device
 */
public record SessionSummary(
    SessionId id,
    String listener,
    InetSocketAddress device,
    Instant started,
    Duration elapsed,
    @Nullable HostPort target,
    @Nullable ClientHello offered,
    Action action,
    CloseReason reason,
    String detail,
    @Nullable DeviceHandshake deviceHandshake,
    @Nullable OriginHandshake originHandshake,
    @Nullable TlsParameters tunnelled,
    long bytesUp,
    long bytesDown) {
  /**
   * The key of the certificate if the device may not support it: the handshake failed, or the
   * device left after it without sending anything, as programs do that check the certificate later.
   *
   * @return null if the CA had no choice, too
   */
  public @Nullable LeafKey refusedKey() {
    if (deviceHandshake == null || deviceHandshake.outcome() == HandshakeOutcome.ABANDONED) {
      return null;
    }
    boolean refused =
        deviceHandshake.outcome() != HandshakeOutcome.COMPLETED
            || reason == CloseReason.DEVICE_CLOSED_UNUSED;
    return refused ? deviceHandshake.key() : null;
  }
}
