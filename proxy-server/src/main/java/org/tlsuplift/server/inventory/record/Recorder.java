package org.tlsuplift.server.inventory.record;

import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tlsuplift.server.background.Backoff;
import org.tlsuplift.server.background.Notice;
import org.tlsuplift.server.background.Schedule;
import org.tlsuplift.server.background.Threads;
import org.tlsuplift.server.database.Database;
import org.tlsuplift.server.inventory.messages.MessageRecord;

/**
 * Merges queued sightings into batches and passes the batches to a writer.
 *
 * <p>A task merges and never blocks; a thread writes and may block until the database responds.
 * While one batch is written or retried, the next one grows up to a bound of devices.
 */
public final class Recorder implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Recorder.class);
  private static final Duration POLL_INTERVAL = Duration.ofMillis(500);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(15);
  private static final Duration LAST_WRITE = Duration.ofMillis(1700);

  /** Each device needs 2 KB of memory until it is written. */
  static final int MAX_WAITING_DEVICES = 20_000;

  /** Writes batches, on the writing thread. */
  public interface Writer {
    /**
     * Writes one batch.
     *
     * @return the number of new devices that the writer dropped
     */
    int write(Batch batch) throws SQLException;
  }

  private final SightingQueue queue;
  private final LongAdder dropped;
  private final WatchRows watch;
  private final Writer writer;
  private final Duration interval;
  private final Backoff backoff;
  private final String place;
  private final ExecutorService writing = Threads.upTo(1, "uplift-inventory-writer");
  private Schedule.@Nullable Task merging;

  // Used by the merging task only.
  private Delta growing = new Delta(MAX_WAITING_DEVICES);
  private @Nullable Batch unwritten;
  private @Nullable CompletableFuture<Boolean> attempt;
  private long batches;
  private long nextWrite;
  private int failures;

  // Written by the writing thread only.
  private final Notice outage = Notice.once();
  private final Notice full = Notice.once();

  /**
   * Creates a recorder that does nothing until {@link #start}.
   *
   * @param place the name of the database in log lines
   */
  public Recorder(
      SightingQueue queue,
      LongAdder dropped,
      WatchRows watch,
      Writer writer,
      Duration interval,
      String place) {
    this.queue = queue;
    this.dropped = dropped;
    this.watch = watch;
    this.writer = writer;
    this.interval = interval;
    this.backoff = new Backoff(interval, LONGEST_PAUSE);
    this.place = place;
    this.nextWrite = System.nanoTime();
  }

  /** Starts recording. */
  public void start(Schedule schedule) {
    Duration period = interval.compareTo(POLL_INTERVAL) < 0 ? interval : POLL_INTERVAL;
    merging = schedule.every(period, "inventory: recording", this::look);
  }

  /** The writing thread, for other work with the database. */
  public ExecutorService writingThread() {
    return writing;
  }

  /** Whether the latest attempt to write failed. Thread-safe. */
  public boolean isUnreachable() {
    return outage.isOn();
  }

  private void look() {
    try {
      fold();
      writeIfTime();
    } catch (RuntimeException fault) {
      log.error("inventory: unexpected error; the daemon tries again", fault);
    }
  }

  private void fold() {
    if (watch.due()) {
      growing.watched(watch.take());
    }
    // Messages first: then the sighting of the device of each message is in this batch or an
    // earlier.
    List<MessageRecord> messages = queue.drainMessages();
    for (Sighting sighting : queue.drain()) {
      if (!growing.add(sighting)) {
        dropped.increment();
      }
    }
    for (MessageRecord message : messages) {
      if (!growing.add(message)) {
        dropped.increment();
      }
    }
  }

  private void writeIfTime() {
    settle();
    if (attempt != null || System.nanoTime() - nextWrite < 0) {
      return;
    }
    nextWrite = System.nanoTime() + interval.toNanos();
    // The first batch may be empty: it shows early whether the database is reachable.
    if (unwritten == null && (batches == 0 || !growing.isEmpty())) {
      unwritten = new Batch(++batches, growing);
      growing = new Delta(MAX_WAITING_DEVICES);
    }
    Batch batch = unwritten;
    if (batch != null) {
      attempt = CompletableFuture.supplyAsync(() -> tryToWrite(batch), writing);
    }
  }

  /** Handles the result of the latest attempt if it has ended. */
  private void settle() {
    if (attempt == null || !attempt.isDone()) {
      return;
    }
    boolean written = attempt.handle(Recorder::isWritten).join();
    attempt = null;
    if (written) {
      unwritten = null;
      failures = 0;
    } else {
      failures++;
      nextWrite = System.nanoTime() + backoff.after(failures).toNanos();
    }
  }

  private static boolean isWritten(@Nullable Boolean written, @Nullable Throwable fault) {
    if (fault != null) {
      log.error("inventory: unexpected error; the daemon tries again", fault);
    }
    return Boolean.TRUE.equals(written);
  }

  private boolean tryToWrite(Batch batch) {
    try {
      int left = writer.write(batch);
      warnIfFull(left);
      if (outage.ended()) {
        log.info("inventory: {} is reachable again; all records are written", place);
      }
      return true;
    } catch (SQLException | RuntimeException failed) {
      if (outage.isNews(place)) {
        log.warn(
            "inventory: {} cannot be written: {}; sessions continue, and records wait in memory for"
                + " up to {} devices",
            place,
            Database.reason(failed),
            MAX_WAITING_DEVICES);
      }
      log.debug("inventory: not written", failed);
      return false;
    }
  }

  private void warnIfFull(int left) {
    if (left == 0) {
      full.ended();
    } else {
      dropped.add(left);
      if (full.isNews(place)) {
        log.warn(
            "inventory: full: {} new devices were not recorded; raise inventory.maxDevices, or"
                + " check which devices connect",
            left);
      }
    }
  }

  /** Writes the remaining rows, within a time limit. */
  @Override
  public void close() {
    long deadline = System.nanoTime() + LAST_WRITE.toNanos();
    try {
      if (merging == null || merging.end(LAST_WRITE)) {
        writeTheRest(deadline);
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    } finally {
      writing.shutdownNow();
    }
  }

  private void writeTheRest(long deadline) throws InterruptedException {
    fold();
    growing.watched(watch.take());
    await(attempt, deadline);
    settle();
    for (int i = 0; i < 2; i++) {
      nextWrite = System.nanoTime();
      writeIfTime();
      await(attempt, deadline);
      settle();
    }
    if (unwritten != null || !growing.isEmpty()) {
      log.warn("inventory: {} is unreachable; the records in memory are lost", place);
    }
  }

  private static void await(@Nullable CompletableFuture<Boolean> attempt, long deadline)
      throws InterruptedException {
    if (attempt != null) {
      try {
        var unused = attempt.get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
      } catch (ExecutionException | TimeoutException failed) {
        log.debug("inventory: the last batch was not written", failed);
      }
    }
  }
}
