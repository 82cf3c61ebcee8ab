package org.tlsuplift.server.daemon.watch;

import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.EventExecutorGroup;
import io.netty.util.concurrent.SingleThreadEventExecutor;
import io.netty.util.concurrent.ThreadProperties;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reports event loops that are blocked or have ended. Their sessions do not proceed.
 *
 * <p>It gives each loop a task once a second. A loop that has not run its task after 5 s counts as
 * blocked until it runs the task. Each incident causes one log line with the stack trace of the
 * loop's thread, and one line at its end. A loop that has ended causes one line, and counts as
 * blocked from then on, so that the service manager restarts the daemon. The watch has its own
 * thread; {@link #look} is synchronized.
 */
public final class EventLoopWatch implements AutoCloseable {
  private static final Duration PERIOD = Duration.ofSeconds(1);
  private static final Duration TIMEOUT = Duration.ofSeconds(5);
  private static final Logger log = LoggerFactory.getLogger(EventLoopWatch.class);

  private final List<Watched> loops = new ArrayList<>();
  private final IntConsumer blocked;
  private final LongSupplier nanoTime;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          new DefaultThreadFactory("uplift-loop-watch", true));

  /** One loop, and its unfinished task. */
  private static final class Watched {
    private final SingleThreadEventExecutor loop;
    private volatile boolean answered = true;
    private long asked;
    private boolean blocked;
    private boolean ended;

    /**
     * Set by each answer, because Netty does not give it when the loop has ended. To report:
     * "SingleThreadEventExecutor.threadProperties of an ended loop throws
     * RejectedExecutionException." Delete when it returns the last ones.
     */
    private volatile @Nullable ThreadProperties thread;

    Watched(EventExecutor loop) {
      this.loop = (SingleThreadEventExecutor) loop;
    }

    void ask(long now) {
      asked = now;
      answered = false;
      try {
        loop.execute(this::answer);
      } catch (RejectedExecutionException ended) {
        // The next check reports it.
        answered = true;
      }
    }

    private void answer() {
      thread = loop.threadProperties();
      answered = true;
    }

    /** The loop's current stack trace, for the log. */
    Throwable position() {
      ThreadProperties known = thread;
      Throwable position = new Throwable("the thread of the event loop is here");
      // A loop that has not answered yet has a thread, because it has a task.
      position.setStackTrace((known == null ? loop.threadProperties() : known).stackTrace());
      return position;
    }

    String name() {
      ThreadProperties known = thread;
      return known == null ? "that has not answered yet" : known.name();
    }
  }

  /**
   * Prepares the watch, and starts nothing yet.
   *
   * @param blocked receives the number of blocked loops after each check
   * @param nanoTime as {@link System#nanoTime}
   */
  public EventLoopWatch(EventExecutorGroup loops, IntConsumer blocked, LongSupplier nanoTime) {
    loops.forEach(loop -> this.loops.add(new Watched(loop)));
    this.blocked = blocked;
    this.nanoTime = nanoTime;
  }

  /** Checks once a second. */
  public void start() {
    var unused =
        thread.scheduleWithFixedDelay(
            this::tryToLook, PERIOD.toMillis(), PERIOD.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** After a failure, the next check follows. */
  private void tryToLook() {
    try {
      look();
    } catch (RuntimeException | Error fault) {
      log.error("a check of the event loops failed; please report it", fault);
    }
  }

  /** Gives new tasks to loops that have finished theirs, and reports those that are late. */
  synchronized void look() {
    long now = nanoTime.getAsLong();
    int count = 0;
    for (Watched watched : loops) {
      if (!watched.ended) {
        check(watched, now);
      }
      count += watched.blocked || watched.ended ? 1 : 0;
    }
    blocked.accept(count);
  }

  private static void check(Watched watched, long now) {
    if (watched.loop.isShuttingDown()) {
      watched.ended = true;
      log.error(
          "restart the daemon: event loop {} has ended, so its sessions do not proceed;"
              + " report the lines before this one",
          watched.name());
      return;
    }
    Duration silence = Duration.ofNanos(now - watched.asked);
    if (watched.answered) {
      if (watched.blocked) {
        watched.blocked = false;
        log.warn("event loop {} works again after {} s", watched.name(), silence.toSeconds());
      }
      watched.ask(now);
    } else if (!watched.blocked && silence.compareTo(TIMEOUT) >= 0) {
      watched.blocked = true;
      log.error(
          "event loop {} has been blocked for {} s; its sessions do not proceed; report this stack trace",
          watched.name(),
          silence.toSeconds(),
          watched.position());
    }
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
