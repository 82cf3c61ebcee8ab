package org.tlsuplift.server.inventory;

import java.time.Instant;

/**
 * How many devices showed a value.
 *
 * @param value the value
 * @param devices how many
 * @param latest when a device last showed it
 */
public record FactCount(String value, long devices, Instant latest) {}
