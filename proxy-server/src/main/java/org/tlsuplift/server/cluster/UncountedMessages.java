package org.tlsuplift.server.cluster;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * The messages of the last 60 seconds that were sent while the database did not respond. The share
 * of this instance bounds their number. Thread-safe.
 */
final class UncountedMessages {
  private static final long NANOS = Duration.ofSeconds(60).toNanos();

  private final Queue<Sent> sent = new ConcurrentLinkedQueue<>();

  /**
   * A message.
   *
   * @param since when it was sent, in {@link System#nanoTime}
   */
  record Sent(String mailbox, long since) {
    Duration age() {
      return Duration.ofNanos(Math.max(0, System.nanoTime() - since));
    }
  }

  void add(String mailbox) {
    long now = System.nanoTime();
    sent.removeIf(each -> now - each.since >= NANOS);
    sent.add(new Sent(mailbox, now));
  }

  List<Sent> recent() {
    return new ArrayList<>(sent);
  }

  void remove(Collection<Sent> counted) {
    sent.removeAll(counted);
  }
}
