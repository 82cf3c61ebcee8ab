package org.tlsuplift.server.admin;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * Threads for work that may block, separate for each kind: an export of all devices does not delay
 * pages, and neither of them delays Prometheus. All are daemon threads.
 */
final class AdminThreads implements AutoCloseable {
  private final Scheduler scrapes = scheduler("admin-scrape", 1, 8);
  private final Scheduler pages = scheduler("admin-page", 4, 64);
  private final Scheduler streams = scheduler("admin-stream", 2, 64);

  /** Limits the tasks that run at once and those that wait; rejects all others. */
  private static Scheduler scheduler(String name, int threads, int waiting) {
    ThreadPoolExecutor executor =
        new ThreadPoolExecutor(
            threads,
            threads,
            60,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(waiting),
            task -> daemon(task, name));
    executor.allowCoreThreadTimeOut(true);
    return Schedulers.fromExecutorService((ExecutorService) executor, name);
  }

  private static Thread daemon(Runnable task, String name) {
    Thread thread = new Thread(task, name);
    thread.setDaemon(true);
    return thread;
  }

  /** For reading meters. */
  Scheduler scrapes() {
    return scrapes;
  }

  /** For pages and short responses. */
  Scheduler pages() {
    return pages;
  }

  /** For large responses, which are written as fast as the reader reads. */
  Scheduler streams() {
    return streams;
  }

  @Override
  public void close() {
    scrapes.dispose();
    pages.dispose();
    streams.dispose();
  }
}
