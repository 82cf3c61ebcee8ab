package org.tlsuplift.server.inventory;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.LongAdder;

/**
 * Takes sightings from event loops, which never wait: what does not fit is dropped and counted.
 *
 * <p>Nobody waits for the next one either, but looks now and then: to wake a thread costs more than
 * to note a sighting.
 */
final class SightingQueue {
  /** Enough for 60,000 sessions a second; a thousand and some bytes for each while it is full. */
  static final int CAPACITY = 16_384;

  private final BlockingQueue<Sighting> queue = new ArrayBlockingQueue<>(CAPACITY);
  private final LongAdder dropped;

  SightingQueue(LongAdder dropped) {
    this.dropped = dropped;
  }

  void offer(Sighting sighting) {
    if (!queue.offer(sighting)) {
      dropped.increment();
    }
  }

  int size() {
    return queue.size();
  }

  List<Sighting> drain() {
    List<Sighting> drained = new ArrayList<>();
    queue.drainTo(drained);
    return drained;
  }
}
