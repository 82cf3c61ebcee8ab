package org.tlsuplift.server.readiness;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.tlsuplift.server.inventory.ListenerWatch;

/**
 * How long the daemons have observed some listeners, all of them without a long interruption.
 *
 * @param since the start; empty if a listener is not observed
 * @param incomplete the data that may be missing, one sentence each
 */
record ObservationPeriod(Optional<Instant> since, List<String> incomplete) {
  /** The daemon records its observation each minute. */
  private static final Duration MAX_DELAY = Duration.ofMinutes(10);

  static ObservationPeriod of(
      List<String> listeners, Map<String, ListenerWatch> watches, Instant now) {
    List<ListenerWatch> known =
        listeners.stream().filter(watches::containsKey).map(watches::get).toList();
    List<String> incomplete = new ArrayList<>();
    listeners.stream()
        .filter(name -> !watches.containsKey(name))
        .forEach(name -> incomplete.add("listener " + name + " has not been watched yet"));
    known.stream()
        .min(Comparator.comparing(ListenerWatch::until))
        .filter(watch -> now.isAfter(watch.until().plus(MAX_DELAY)))
        .ifPresent(
            watch ->
                incomplete.add(
                    "nothing has been written since "
                        + Reasons.moment(watch.until())
                        + ": no daemon runs, or it cannot write to the inventory"));
    long dropped = known.stream().mapToLong(ListenerWatch::dropped).max().orElse(0);
    if (dropped > 0) {
      incomplete.add(
          dropped
              + " sightings were dropped for lack of room (tlsuplift_inventory_dropped_total): a"
              + " device may be missing");
    }
    boolean all =
        known.size() == listeners.size()
            && known.stream()
                .noneMatch(watch -> now.isAfter(watch.until().plus(ListenerWatch.SHORT)));
    return new ObservationPeriod(
        all
            ? known.stream().map(ListenerWatch::since).max(Comparator.naturalOrder())
            : Optional.empty(),
        List.copyOf(incomplete));
  }
}
