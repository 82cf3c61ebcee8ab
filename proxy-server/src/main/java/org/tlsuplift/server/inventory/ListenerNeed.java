package org.tlsuplift.server.inventory;

import java.time.Instant;

/**
 * A need of a device that a modern listener does not meet.
 *
 * @param firstShown the time of the first session with this need at this listener
 * @param lastShown the time of the last such session
 * @param times the number of such sessions
 */
public record ListenerNeed(
    String address,
    String listener,
    Need need,
    Instant firstShown,
    Instant lastShown,
    long times) {}
