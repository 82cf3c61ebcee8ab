package org.tlsuplift.server.inventory;

import java.time.Instant;

/**
 * How many devices showed a value.
 *
 * @param value which
 * @param devices how many
 * @param latest when one last did
 */
public record FactCount(String value, long devices, Instant latest) {}
