package org.tlsuplift.server.http;

import io.netty.util.concurrent.EventExecutor;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Threads for work that may block, separate for each kind: an export of all devices does not delay
 * pages, and neither of them delays Prometheus. All are daemon threads.
 */
final class AdminThreads implements AutoCloseable {
  /** For reading meters. */
  final Pool scrapes;

  /** For pages and short responses. */
  final Pool pages;

  /** For large responses, which are written as fast as the reader reads. */
  final Pool streams;

  /** For reading the fields of forms, which may be hostile. */
  final Pool forms;

  /** For changes, one after the other; one that has begun is not interrupted. */
  final Pool actions;

  /** For sign-ins that wait for a provider's responses. */
  final Pool signIns;

  /**
   * Threads that start with their first work.
   *
   * @param timer watches the limits
   */
  AdminThreads(EventExecutor timer) {
    scrapes = new Pool(executor("admin-scrape", 1, 8), timer, true);
    pages = new Pool(executor("admin-page", 4, 64), timer, true);
    streams = new Pool(executor("admin-stream", 2, 64), timer, true);
    forms = new Pool(executor("admin-form", 1, 64), timer, true);
    actions = new Pool(executor("admin-action", 1, 32), timer, false);
    signIns = new Pool(executor("admin-sign-in", 2, 16), timer, true);
  }

  /** Limits the tasks that run at once and those that wait; rejects all others. */
  private static ExecutorService executor(String name, int threads, int waiting) {
    ThreadPoolExecutor executor =
        new ThreadPoolExecutor(
            threads,
            threads,
            60,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(waiting),
            task -> daemon(task, name));
    executor.allowCoreThreadTimeOut(true);
    return executor;
  }

  private static Thread daemon(Runnable task, String name) {
    Thread thread = new Thread(task, name);
    thread.setDaemon(true);
    return thread;
  }

  @Override
  public void close() {
    signIns.executor.shutdownNow();
    forms.executor.shutdownNow();
    actions.executor.shutdown();
    scrapes.executor.shutdownNow();
    pages.executor.shutdownNow();
    streams.executor.shutdownNow();
  }

  /** Threads for one kind of work. */
  static final class Pool {
    private final ExecutorService executor;
    private final EventExecutor timer;

    private final boolean interrupts;

    private Pool(ExecutorService executor, EventExecutor timer, boolean interrupts) {
      this.executor = executor;
      this.timer = timer;
      this.interrupts = interrupts;
    }

    /**
     * Starts work, or lets it wait for a thread.
     *
     * @throws RejectedExecutionException if too much work waits already
     */
    Future<?> start(Runnable work) {
      return executor.submit(work);
    }

    /**
     * Runs work within a limit, which includes the wait for a thread.
     *
     * @return fails with {@link TimeoutException} after the limit, and then the thread is
     *     interrupted, except that of an action; fails with {@link RejectedExecutionException} if
     *     too much work waits already
     */
    <T> CompletableFuture<T> call(Callable<T> work, Duration limit) {
      CompletableFuture<T> result = new CompletableFuture<>();
      try {
        Future<?> running = start(() -> complete(result, work));
        Future<?> late =
            timer.schedule(
                () -> {
                  if (result.completeExceptionally(new TimeoutException())) {
                    running.cancel(interrupts);
                  }
                },
                limit.toMillis(),
                TimeUnit.MILLISECONDS);
        var unused = result.whenComplete((value, failure) -> late.cancel(false));
      } catch (RejectedExecutionException full) {
        result.completeExceptionally(full);
      }
      return result;
    }

    /** Catches errors too: otherwise nobody would learn of a class that cannot be loaded. */
    private static <T> void complete(CompletableFuture<T> result, Callable<T> work) {
      try {
        result.complete(work.call());
      } catch (Throwable failure) {
        result.completeExceptionally(failure);
      }
    }
  }
}
