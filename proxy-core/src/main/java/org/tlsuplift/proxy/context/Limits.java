package org.tlsuplift.proxy.context;

import java.time.Duration;
import org.tlsuplift.proxy.model.DeviceNetworks;
import org.tlsuplift.proxy.model.Explanation;

/**
 * The limits on devices, for all listeners together, and the timeouts.
 *
 * @param maxSessions the maximum number of simultaneous sessions; one that waits for its handshake
 *     counts half
 * @param maxSessionsPerDevice the maximum number of simultaneous sessions of one device
 * @param networks the addresses that count as one device
 * @param handshakes the limit on TLS handshakes of one device
 * @param negotiationTimeout the time from the connection to the complete ClientHello; for mail
 *     before TLS, the time for each command
 * @param handshakeTimeout the time for the TLS handshake with the device
 * @param idleTimeout the time without a byte in either direction, after which a session ends
 */
public record Limits(
    int maxSessions,
    int maxSessionsPerDevice,
    DeviceNetworks networks,
    Handshakes handshakes,
    Duration negotiationTimeout,
    Duration handshakeTimeout,
    Duration idleTimeout) {
  /**
   * The limit on TLS handshakes of one device. The private key operation (RSA-2048) takes one core
   * 0.4 ms on a server and 10 ms on a small board.
   *
   * @param perSecond the average number per second, 1 to 1,000,000
   * @param burst the number of handshakes at once, 1 to 1,000,000
   */
  public record Handshakes(int perSecond, int burst) {}

  /** The explanation for a session above the maximum. */
  public Explanation sessionsInUse() {
    return Explanation.of("all %d sessions are in use".formatted(maxSessions));
  }

  /** Returns these limits with at most this many sessions. */
  public Limits atMost(int sessions) {
    return new Limits(
        Math.min(maxSessions, sessions),
        maxSessionsPerDevice,
        networks,
        handshakes,
        negotiationTimeout,
        handshakeTimeout,
        idleTimeout);
  }
}
