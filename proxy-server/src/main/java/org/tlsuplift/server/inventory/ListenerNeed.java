package org.tlsuplift.server.inventory;

import java.time.Instant;

/**
 * That a device needs more than a modern listener has.
 *
 * @param address of the device, as people write it
 * @param listener where it came in
 * @param need why
 * @param firstShown when it first showed that there
 * @param lastShown when it last did
 * @param times in how many sessions
 */
public record ListenerNeed(
    String address,
    String listener,
    Need need,
    Instant firstShown,
    Instant lastShown,
    long times) {}
