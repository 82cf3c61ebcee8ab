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
 * @param failures failed sessions
 * @param bytesUp payload bytes sent to origins
 * @param bytesDown payload bytes sent to devices
 */
public record ListenerTotal(
    String listener,
    Instant start,
    long sessions,
    long legacyHandshakes,
    long modernHandshakes,
    long plaintextSessions,
    long failures,
    long bytesUp,
    long bytesDown) {}
