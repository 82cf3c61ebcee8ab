package org.tlsuplift.proxy.model;

import java.util.Collection;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Who must leave a full queue. */
public final class Crowd {
  private Crowd() {}

  /**
   * The latest of those whose unit has the most in the queue; empty for an empty queue.
   *
   * @param waiting in the order of arrival
   * @param unit such as the device
   */
  public static <W> Optional<W> latestOfMost(Collection<W> waiting, Function<W, ?> unit) {
    Map<?, Long> counts =
        waiting.stream().collect(Collectors.groupingBy(unit, Collectors.counting()));
    long most = counts.isEmpty() ? 0 : Collections.max(counts.values());
    return waiting.stream()
        .filter(each -> counts.getOrDefault(unit.apply(each), 0L) == most)
        .reduce((earlier, later) -> later);
  }
}
