package org.tlsuplift.server.inventory;

import java.time.Instant;

/**
 * The number of devices with a value.
 *
 * @param latest when a device last showed it
 */
public record FactCount(String value, long devices, Instant latest) {}
