package org.tlsuplift.proxy.context;

import java.time.Duration;
import org.tlsuplift.proxy.model.DeviceNetworks;

/**
 * The limits on devices, for all listeners together.
 *
 * @param maxSessions simultaneous sessions
 * @param maxSessionsPerDevice simultaneous sessions of one device
 * @param networks the addresses that count as one device
 * @param handshakes TLS handshakes with one device
 * @param negotiationTimeout from the connection to the end of the ClientHello
 * @param handshakeTimeout for the TLS handshake with the device
 * @param idleTimeout time without a byte in either direction
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
   * The TLS handshakes of one device. The operation with the private key takes a core 0.4 ms
   * (RSA-2048 on a server) to 10 ms (on a small board).
   *
   * @param perSecond average per second, 1 to 1,000,000
   * @param burst handshakes at once, 1 to 1,000,000
   */
  public record Handshakes(int perSecond, int burst) {}

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
