package org.tlsuplift.server.inventory.record;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Takes sightings from event loops without blocking. Sightings that do not fit are dropped and
 * counted.
 *
 * <p>The reader polls: waking a thread costs more than adding a sighting.
 */
public final class SightingQueue {
  /** Enough for 16,000 sessions a second. A full queue needs about one kilobyte for each. */
  static final int CAPACITY = 16_384;

  private final BlockingQueue<Entry> queue = new ArrayBlockingQueue<>(CAPACITY);
  private final LongAdder dropped;

  public SightingQueue(LongAdder dropped) {
    this.dropped = dropped;
  }

  /** A sighting in the queue, to which bytes can be added until it is taken. Thread-safe. */
  static final class Entry {
    private final AtomicReference<@Nullable Sighting> sighting;

    private Entry(Sighting sighting) {
      this.sighting = new AtomicReference<>(sighting);
    }

    /**
     * Adds bytes.
     *
     * @return false when it has been taken
     */
    boolean add(long up, long down) {
      Sighting before = sighting.get();
      return before != null && sighting.compareAndSet(before, before.withBytes(up, down));
    }

    private Sighting take() {
      return Objects.requireNonNull(sighting.getAndSet(null));
    }
  }

  /**
   * Adds a sighting.
   *
   * @return its entry in the queue, or null when it was dropped
   */
  @Nullable Entry offer(Sighting sighting) {
    Entry waiting = new Entry(sighting);
    if (queue.offer(waiting)) {
      return waiting;
    }
    dropped.increment();
    return null;
  }

  int size() {
    return queue.size();
  }

  List<Sighting> drain() {
    List<Entry> waiting = new ArrayList<>(queue.size());
    queue.drainTo(waiting);
    List<Sighting> drained = new ArrayList<>(waiting.size());
    for (Entry each : waiting) {
      drained.add(each.take());
    }
    return drained;
  }
}
