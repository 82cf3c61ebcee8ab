package org.tlsuplift.server.readiness;

import java.time.LocalDate;
import java.util.List;
import org.tlsuplift.server.inventory.DayCount;
import org.tlsuplift.server.inventory.NeedCount;

/**
 * Counts what devices need and a modern listener does not offer.
 *
 * @param together the devices with each need on all listeners of the query, the most common need
 *     first
 * @param byListener the same for each listener
 * @param days the number of devices with a need on each of the last days; days without any are
 *     omitted
 * @param today the current day in UTC
 */
public record NeedTotals(
    List<NeedCount> together, List<NeedCount> byListener, List<DayCount> days, LocalDate today) {
  public NeedTotals {
    together = List.copyOf(together);
    byListener = List.copyOf(byListener);
    days = List.copyOf(days);
  }
}
