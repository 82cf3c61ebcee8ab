package org.tlsuplift.server.insight.overview;

import java.time.Instant;
import java.util.List;
import java.util.function.ToLongFunction;

/**
 * Handshakes of a span, of all listeners and all daemons that share the inventory.
 *
 * @param span how far it goes back
 * @param stretches of equal length, in the order of time; the last one has not ended
 */
public record HandshakeTotals(TimeRange span, List<Stretch> stretches) {
  public HandshakeTotals {
    stretches = List.copyOf(stretches);
  }

  /**
   * A stretch of time.
   *
   * @param from its beginning
   * @param legacy handshakes that agreed to less than TLS 1.2
   * @param modern those that agreed to TLS 1.2 or 1.3, tunnelled ones too
   * @param plaintext sessions without TLS
   */
  public record Stretch(Instant from, long legacy, long modern, long plaintext) {
    private boolean isEmpty() {
      return legacy == 0 && modern == 0 && plaintext == 0;
    }
  }

  /** The beginning of the first stretch. */
  public Instant from() {
    return stretches.get(0).from();
  }

  /** The same without the empty stretches before the first handshake. The last one stays. */
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
