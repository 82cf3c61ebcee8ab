package org.tlsuplift.server.readiness;

import java.time.Instant;
import java.util.List;
import java.util.function.ToLongFunction;

/**
 * Handshakes in a time range, on all listeners of all daemons that share the inventory.
 *
 * @param span the time range
 * @param stretches the range's intervals of equal length, oldest first; the last one has not ended
 */
public record HandshakeTotals(TimeRange span, List<Stretch> stretches) {
  public HandshakeTotals {
    stretches = List.copyOf(stretches);
  }

  /**
   * An interval.
   *
   * @param from the start of the interval
   * @param legacy handshakes that agreed to less than TLS 1.2
   * @param modern handshakes that agreed to TLS 1.2 or 1.3, including tunnelled ones
   * @param plaintext sessions without TLS
   */
  public record Stretch(Instant from, long legacy, long modern, long plaintext) {
    private boolean isEmpty() {
      return legacy == 0 && modern == 0 && plaintext == 0;
    }
  }

  /** The start of the first interval. */
  public Instant from() {
    return stretches.get(0).from();
  }

  /** Removes the empty intervals before the first handshake, but never the last interval. */
  public HandshakeTotals withoutEmptyStart() {
    int first = 0;
    while (first < stretches.size() - 1 && stretches.get(first).isEmpty()) {
      first++;
    }
    return new HandshakeTotals(span, stretches.subList(first, stretches.size()));
  }

  public long sum(ToLongFunction<Stretch> count) {
    return stretches.stream().mapToLong(count).sum();
  }
}
