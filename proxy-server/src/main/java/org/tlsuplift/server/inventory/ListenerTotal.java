package org.tlsuplift.server.inventory;

import java.time.Instant;

/**
 * The totals of a listener in a period.
 *
 * @param start of the period
 * @param sessions opened sessions
 * @param legacyHandshakes handshakes below TLS 1.2
 * @param modernHandshakes handshakes with TLS 1.2 or 1.3, including tunnelled sessions
 * @param plaintextSessions sessions without TLS
 */
public record ListenerTotal(
    Instant start,
    long sessions,
    long legacyHandshakes,
    long modernHandshakes,
    long plaintextSessions) {}
