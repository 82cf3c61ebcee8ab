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
  public record Stretch(Instant from, long legacy, long modern, long plaintext) {}

  /** The beginning of the first stretch. */
  public Instant from() {
    return stretches.get(0).from();
  }

  public long sum(ToLongFunction<Stretch> count) {
    return stretches.stream().mapToLong(count).sum();
  }
}
