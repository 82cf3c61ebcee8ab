package org.tlsuplift.server.metrics;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/** The buckets of the histograms. */
final class Buckets {
  /** For handshakes: from a resumption on the local network to a timeout. */
  static final List<Duration> HANDSHAKE =
      millis(1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000);

  /** For sessions: from an immediate refusal to a mail program that stays connected. */
  static final List<Duration> SESSION =
      millis(
          10, 50, 100, 500, 1_000, 5_000, 10_000, 30_000, 60_000, 300_000, 600_000, 1_800_000,
          3_600_000);

  /** For waits: from none to the longest configurable wait. */
  static final List<Duration> WAIT =
      millis(10, 100, 1_000, 5_000, 10_000, 15_000, 20_000, 25_000, 30_000, 60_000, 120_000);

  /** For messages, in bytes: from an alarm to more than Microsoft 365 accepts. */
  static final List<Double> MESSAGE_SIZE =
      List.of(1e3, 1e4, 1e5, 5e5, 1e6, 2e6, 5e6, 1e7, 2e7, 3.5e7, 1e8, 1.5e8);

  private Buckets() {}

  private static List<Duration> millis(long... values) {
    return Arrays.stream(values).mapToObj(Duration::ofMillis).toList();
  }
}
