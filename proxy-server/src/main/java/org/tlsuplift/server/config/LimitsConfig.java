package org.tlsuplift.server.config;

import java.time.Duration;
import org.tlsuplift.server.config.binding.Key;
import org.tlsuplift.server.config.binding.Problems;

/**
 * The section {@code limits}.
 *
 * @param maxSessions at a time
 * @param maxSessionsPerDevice at a time
 * @param ipv6Prefix the length of the IPv6 network that counts as one device
 * @param handshakesPerSecond TLS handshakes of one device, as a long-term rate
 * @param handshakeBurst TLS handshakes of one device at a time
 * @param negotiationTimeout from the connection to the complete ClientHello
 * @param handshakeTimeout for each TLS handshake
 * @param idleTimeout without a byte in either direction
 * @param stopGrace for which new sessions are still accepted after {@code /readyz} fails
 * @param drainTimeout for open sessions at shutdown
 */
public record LimitsConfig(
    @Key(min = "1", max = "1000000") int maxSessions,
    @Key(min = "1", max = "1000000") int maxSessionsPerDevice,
    @Key(min = "48", max = "128") int ipv6Prefix,
    @Key(min = "1", max = "1000000") int handshakesPerSecond,
    @Key(min = "1", max = "1000000") int handshakeBurst,
    @Key(min = "100ms", max = "5m") Duration negotiationTimeout,
    @Key(min = "100ms", max = "5m") Duration handshakeTimeout,
    @Key(min = "1s", max = "24h") Duration idleTimeout,
    @Key(min = "0s", max = "5m") Duration stopGrace,
    @Key(min = "0s", max = "1h") Duration drainTimeout) {
  void warn(Problems problems) {
    if (maxSessionsPerDevice > maxSessions) {
      problems.warning(
          "limits.maxSessionsPerDevice",
          "'" + maxSessionsPerDevice + "' is never reached",
          "limits.maxSessions is lower: " + maxSessions + "; raise it, or lower this key");
    }
  }
}
