package org.tlsuplift.server.inventory;

import java.time.Instant;

/**
 * What a listener did in a stretch of time.
 *
 * @param listener its name
 * @param start the first moment
 * @param sessions how many were opened
 * @param legacyHandshakes those that agreed to less than TLS 1.2
 * @param modernHandshakes those that agreed to TLS 1.2 or 1.3, tunnelled ones too
 * @param plaintextSessions those without TLS
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
