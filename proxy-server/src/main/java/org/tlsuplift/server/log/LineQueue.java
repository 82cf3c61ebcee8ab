package org.tlsuplift.server.log;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;

/**
 * A bounded queue of lines, which one thread writes. If the queue is full, a line is dropped and
 * counted, so logging never waits for the output. Thread-safe.
 */
final class LineQueue {
  /** The longest queue, in lines of about 1 KiB. */
  static final int LINES = 4_096;

  private static final Duration TICK = Duration.ofMillis(200);

  /** Wakes the writing thread at the end. It is not written. */
  private static final ILoggingEvent END = new LoggingEvent();

  private final BlockingQueue<ILoggingEvent> waiting = new ArrayBlockingQueue<>(LINES);
  private final LongAdder dropped = new LongAdder();
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Consumer<ILoggingEvent> output;
  private final Runnable tick;
  private final Duration period;
  private final Thread writer;

  /**
   * Starts the writing thread.
   *
   * @param output may block
   * @param tick called on the writing thread, several times per second
   */
  LineQueue(Consumer<ILoggingEvent> output, Runnable tick) {
    this(output, tick, TICK);
  }

  LineQueue(Consumer<ILoggingEvent> output, Runnable tick, Duration period) {
    this.output = output;
    this.tick = tick;
    this.period = period;
    this.writer = new Thread(this::write, "uplift-log");
    writer.setDaemon(true);
    writer.start();
  }

  /** Adds a line, or drops it if the queue is full. Never blocks. */
  void add(ILoggingEvent line) {
    line.prepareForDeferredProcessing();
    if (!waiting.offer(line)) {
      dropped.increment();
    }
  }

  /** The number of lines that were dropped since the start; never decreases. */
  long dropped() {
    return dropped.sum();
  }

  /**
   * Writes the waiting lines, for up to this time.
   *
   * @return whether all are written; if not, the output is blocked, and the thread still waits
   */
  boolean close(Duration most) {
    closing.countDown();
    // A full queue needs no other line to wake the thread.
    var unused = waiting.offer(END);
    try {
      writer.join(most.toMillis());
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
    return !writer.isAlive();
  }

  private void write() {
    try {
      long next = System.nanoTime();
      while (closing.getCount() > 0 || !waiting.isEmpty()) {
        try {
          ILoggingEvent line = waiting.poll(period.toNanos(), TimeUnit.NANOSECONDS);
          if (line != null && line != END) {
            output.accept(line);
          }
          if (System.nanoTime() - next >= 0) {
            next = System.nanoTime() + period.toNanos();
            tick.run();
          }
        } catch (RuntimeException | Error failed) {
          // One line is lost, and not the log: a later line reports it.
          dropped.increment();
        }
      }
      tick.run();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
