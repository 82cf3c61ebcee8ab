package org.tlsuplift.server.inventory.record;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.server.inventory.Success;
import org.tlsuplift.server.inventory.messages.MessageRecord;

/**
 * Accepts sightings and messages from event loops without blocking. It drops and counts those that
 * do not fit.
 *
 * <p>The reader polls, because waking a thread costs more than adding a sighting.
 */
public final class SightingQueue {
  /**
   * Enough for 16,000 sessions a second. A full queue needs about 1 KB of memory for each sighting.
   */
  static final int CAPACITY = 16_384;

  /** Enough for 8,000 messages a second. A full queue needs 12 MB of memory at most. */
  static final int MESSAGES = 4_096;

  private final BlockingQueue<Entry> queue = new ArrayBlockingQueue<>(CAPACITY);
  private final BlockingQueue<MessageRecord> messages = new ArrayBlockingQueue<>(MESSAGES);
  private final LongAdder dropped;

  public SightingQueue(LongAdder dropped) {
    this.dropped = dropped;
  }

  /** A sighting in the queue, which can grow until the reader takes it. Thread-safe. */
  static final class Entry {
    private final AtomicReference<@Nullable Sighting> sighting;

    private Entry(Sighting sighting) {
      this.sighting = new AtomicReference<>(sighting);
    }

    /**
     * Adds bytes and successes.
     *
     * @return false if the reader has already taken the sighting
     */
    boolean add(long up, long down, Set<Success> successes) {
      Sighting before = sighting.get();
      return before != null && sighting.compareAndSet(before, before.with(up, down, successes));
    }

    private Sighting take() {
      return Objects.requireNonNull(sighting.getAndSet(null));
    }
  }

  /**
   * Adds a sighting.
   *
   * @return its entry in the queue, or null if it was dropped
   */
  @Nullable Entry offer(Sighting sighting) {
    Entry waiting = new Entry(sighting);
    if (queue.offer(waiting)) {
      return waiting;
    }
    dropped.increment();
    return null;
  }

  /** Adds a message, or drops it. */
  public void offer(MessageRecord message) {
    if (!messages.offer(message)) {
      dropped.increment();
    }
  }

  List<MessageRecord> drainMessages() {
    List<MessageRecord> drained = new ArrayList<>(messages.size());
    messages.drainTo(drained);
    return drained;
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
