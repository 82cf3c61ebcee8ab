package org.tlsuplift.proxy.listener;

import java.time.Duration;

/**
 * What devices may use up, all listeners together.
 *
 * @param maxSessions sessions at one time
 * @param maxSessionsPerDevice sessions of one address at one time
 * @param negotiationTimeout from the connection to the end of the ClientHello
 * @param handshakeTimeout for TLS with the device
 * @param idleTimeout without a byte in either direction
 */
public record Limits(
    int maxSessions,
    int maxSessionsPerDevice,
    Duration negotiationTimeout,
    Duration handshakeTimeout,
    Duration idleTimeout) {}
