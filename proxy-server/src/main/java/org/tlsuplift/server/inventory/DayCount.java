package org.tlsuplift.server.inventory;

import java.time.LocalDate;

/**
 * How many devices on a day of UTC.
 *
 * @param devices at least one
 */
public record DayCount(LocalDate day, long devices) {}
