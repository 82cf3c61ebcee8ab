package org.tlsuplift.proxy.context;

import java.time.Duration;
import org.tlsuplift.proxy.model.DeviceNetworks;

/**
 * What devices may use up, all listeners together.
 *
 * @param maxSessions sessions at one time
 * @param maxSessionsPerDevice sessions of one device at one time
 * @param networks what counts as one device
 * @param handshakes TLS handshakes with one device
 * @param negotiationTimeout from the connection to the end of the ClientHello
 * @param handshakeTimeout for TLS with the device
 * @param idleTimeout without a byte in either direction
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
   * How often one device may begin a TLS handshake with us: the private key's part of it costs a
   * core some 0.4 ms (RSA-2048 on a server) to 10 ms (on a small board).
   *
   * @param perSecond in the long run, 1 to 1,000,000
   * @param burst at once, 1 to 1,000,000
   */
  public record Handshakes(int perSecond, int burst) {
    public static final Handshakes UNLIMITED = new Handshakes(1_000_000, 1_000_000);
  }

  /** The same with an IPv6 network of 64 bits as one device, and handshakes without a limit. */
  public Limits(
      int maxSessions,
      int maxSessionsPerDevice,
      Duration negotiationTimeout,
      Duration handshakeTimeout,
      Duration idleTimeout) {
    this(
        maxSessions,
        maxSessionsPerDevice,
        DeviceNetworks.DEFAULT,
        Handshakes.UNLIMITED,
        negotiationTimeout,
        handshakeTimeout,
        idleTimeout);
  }

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
