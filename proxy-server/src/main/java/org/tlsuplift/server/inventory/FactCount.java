package org.tlsuplift.server.inventory;

import java.time.Instant;

/**
 * The number of devices with a value.
 *
 * @param latest the time of the latest session with this value
 */
public record FactCount(String value, long devices, Instant latest) {}
