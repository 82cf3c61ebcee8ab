package org.tlsuplift.server.background;

import io.netty.util.concurrent.DefaultThreadFactory;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs tasks regularly. One thread waits for their times. Each run has a thread of a pool, so a
 * task that blocks delays no other task.
 *
 * <p>The pool has as many threads as tasks run at the same moment: usually one. A thread has the
 * name of the task that it runs. Thread-safe.
 */
public final class Schedule implements AutoCloseable {
  private static final String IDLE = "uplift-idle";
  private static final Duration KEPT = Duration.ofSeconds(3);
  private static final Logger log = LoggerFactory.getLogger(Schedule.class);

  private final ScheduledThreadPoolExecutor timer;
  private final ExecutorService threads;
  private final LongAdder failures;
  private final int speed;
  private final boolean whole;
  private final Set<Task> tasks = ConcurrentHashMap.newKeySet();

  /** Has no thread before the first task. */
  public Schedule() {
    this(1);
  }

  /**
   * @param speed how much faster than real time it is
   */
  Schedule(int speed) {
    timer = new ScheduledThreadPoolExecutor(1, new DefaultThreadFactory("uplift-timer", true));
    timer.setRemoveOnCancelPolicy(true);
    threads =
        new ThreadPoolExecutor(
            0,
            Integer.MAX_VALUE,
            KEPT.toMillis(),
            TimeUnit.MILLISECONDS,
            new SynchronousQueue<>(),
            new DefaultThreadFactory("uplift-task", true));
    failures = new LongAdder();
    this.speed = speed;
    whole = true;
  }

  private Schedule(Schedule all) {
    timer = all.timer;
    threads = all.threads;
    failures = all.failures;
    speed = all.speed;
    whole = false;
  }

  /** A schedule with the same threads. Closing it ends only the tasks that were added to it. */
  public Schedule part() {
    return new Schedule(this);
  }

  /** Runs a task now, and again after each period. */
  public Task every(Duration period, String name, Runnable steps) {
    return every(Duration.ZERO, period, name, steps);
  }

  /**
   * Runs a task regularly until it is closed. A failed run is logged and counted, and the next one
   * follows.
   *
   * @param first the time until the first run
   * @param period from the start of a run to the next one; a task that is still running is left
   *     alone
   * @param name the subject of the sentence "... failed"
   * @param steps may block
   */
  public Task every(Duration first, Duration period, String name, Runnable steps) {
    Task task = new Task(name, steps);
    tasks.add(task);
    task.start(first, period);
    return task;
  }

  /**
   * Runs steps once on another executor, unless that or this schedule is closed before.
   *
   * @return cancels it before it has begun
   */
  public Future<?> after(Duration delay, Executor executor, Runnable steps) {
    if (delay.isZero()) {
      execute(executor, steps);
    } else if (!timer.isShutdown()) {
      return timer.schedule(() -> execute(executor, steps), scaled(delay), TimeUnit.NANOSECONDS);
    }
    return CompletableFuture.completedFuture(null);
  }

  /** The thread that waits. For short steps that never block; never shut it down. */
  public ScheduledExecutorService timer() {
    return timer;
  }

  /** The number of failed runs, also of the schedules of which this is a part. Never falls. */
  public long failures() {
    return failures.sum();
  }

  private long scaled(Duration time) {
    return time.dividedBy(speed).toNanos();
  }

  private static void execute(Executor executor, Runnable steps) {
    try {
      executor.execute(steps);
    } catch (RejectedExecutionException closed) {
      log.debug("not run, because its threads have ended", closed);
    }
  }

  /** Ends the tasks and interrupts those that run. */
  @Override
  public void close() {
    tasks.forEach(Task::close);
    if (whole) {
      timer.shutdownNow();
      threads.shutdownNow();
    }
  }

  /** A task that runs regularly. */
  public final class Task implements AutoCloseable {
    private final String name;
    private final Runnable steps;
    private boolean ended;
    private @Nullable Future<?> ticks;
    private @Nullable Future<?> run;

    private Task(String name, Runnable steps) {
      this.name = name;
      this.steps = steps;
    }

    private synchronized void start(Duration first, Duration period) {
      if (!timer.isShutdown()) {
        ticks =
            timer.scheduleWithFixedDelay(
                this::begin, scaled(first), scaled(period), TimeUnit.NANOSECONDS);
      }
    }

    private synchronized void begin() {
      boolean runs = run != null && !run.isDone();
      if (!runs && !ended && !threads.isShutdown()) {
        try {
          run = threads.submit(this::run);
        } catch (OutOfMemoryError noThread) {
          failed(noThread);
        }
      }
    }

    private void run() {
      Thread thread = Thread.currentThread();
      thread.setName("uplift " + name);
      try {
        steps.run();
      } catch (RuntimeException | Error fault) {
        failed(fault);
      } finally {
        thread.setName(IDLE);
      }
    }

    private void failed(Throwable fault) {
      failures.increment();
      log.error("{} failed", name, fault);
    }

    private synchronized @Nullable Future<?> end() {
      ended = true;
      tasks.remove(this);
      if (ticks != null) {
        ticks.cancel(false);
      }
      return run;
    }

    /**
     * Begins no other run, and waits for the current one.
     *
     * @return whether no run is left
     */
    public boolean end(Duration limit) {
      Future<?> last = end();
      try {
        if (last != null) {
          last.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        }
        return true;
      } catch (InterruptedException sooner) {
        Thread.currentThread().interrupt();
        return false;
      } catch (ExecutionException | CancellationException ended) {
        return true;
      } catch (TimeoutException blocked) {
        return false;
      }
    }

    /** Begins no other run, and interrupts the current one. Does not wait. */
    @Override
    public void close() {
      Future<?> last = end();
      if (last != null) {
        last.cancel(true);
      }
    }
  }
}
