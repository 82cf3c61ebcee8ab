package org.tlsuplift.server.insight.switchoff;

import java.time.LocalDate;
import java.util.List;
import org.tlsuplift.server.inventory.DayCount;
import org.tlsuplift.server.inventory.NeedCount;

/**
 * What devices need that a modern listener does not offer, counted.
 *
 * @param together over all listeners of the query, the most common need first
 * @param byListener the same for each listener
 * @param days how many devices with a need were seen on each of the last days; the days without any
 *     are left out
 * @param today the last day of UTC, which has not ended
 */
public record NeedTotals(
    List<NeedCount> together, List<NeedCount> byListener, List<DayCount> days, LocalDate today) {
  public NeedTotals {
    together = List.copyOf(together);
    byListener = List.copyOf(byListener);
    days = List.copyOf(days);
  }
}
