package org.tlsuplift.server.inventory;

import java.time.LocalDate;

/**
 * The number of devices on one UTC day.
 *
 * @param devices at least one
 */
public record DayCount(LocalDate day, long devices) {}
