package org.tlsuplift.server.inventory;

import java.time.Instant;

/**
 * A device that needs more than a modern listener offers.
 *
 * @param address of the device, as people write it
 * @param listener the listener that it used
 * @param need why
 * @param firstShown when it first showed the need at this listener
 * @param lastShown when it last showed it
 * @param times in how many sessions
 */
public record ListenerNeed(
    String address,
    String listener,
    Need need,
    Instant firstShown,
    Instant lastShown,
    long times) {}
