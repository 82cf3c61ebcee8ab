package org.tlsuplift.server.inventory;

import java.time.Instant;

/**
 * A device that needs more than a modern listener offers.
 *
 * @param firstShown when it first showed the need at this listener
 * @param lastShown when it last showed it
 * @param times the number of sessions
 */
public record ListenerNeed(
    String address,
    String listener,
    Need need,
    Instant firstShown,
    Instant lastShown,
    long times) {}
