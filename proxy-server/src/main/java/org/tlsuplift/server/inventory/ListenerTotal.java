package org.tlsuplift.server.inventory;

import java.time.Instant;

/**
 * The totals of a listener in a period.
 *
 * @param start of the period
 * @param sessions opened sessions
 * @param legacyHandshakes below TLS 1.2
 * @param modernHandshakes with TLS 1.2 or 1.3, tunnelled ones too
 * @param plaintextSessions without TLS
 * @param failures sessions that failed
 * @param bytesUp payload to origins
 * @param bytesDown payload to devices
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
