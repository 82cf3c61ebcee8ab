package org.tlsuplift.server.admin;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * Threads for what may block, apart for each kind of work: whoever exports all devices does not
 * keep others from their pages, and neither of them Prometheus from its metrics. All are daemons.
 */
final class AdminThreads implements AutoCloseable {
  private final Lane scrapes = new Lane("admin-scrape", 1, 8);
  private final Lane pages = new Lane("admin-page", 4, 64);
  private final Lane streams = new Lane("admin-stream", 2, 6);

  /** One kind: so many at once, so many wait, all others are told to come later. */
  private static final class Lane {
    final Scheduler scheduler;

    Lane(String name, int threads, int waiting) {
      ThreadPoolExecutor executor =
          new ThreadPoolExecutor(
              threads,
              threads,
              60,
              TimeUnit.SECONDS,
              new ArrayBlockingQueue<>(waiting),
              task -> daemon(task, name));
      executor.allowCoreThreadTimeOut(true);
      scheduler = Schedulers.fromExecutorService((ExecutorService) executor, name);
    }

    private static Thread daemon(Runnable task, String name) {
      Thread thread = new Thread(task, name);
      thread.setDaemon(true);
      return thread;
    }
  }

  /** Where meters are read. */
  Scheduler scrapes() {
    return scrapes.scheduler;
  }

  /** Where pages and short answers are made. */
  Scheduler pages() {
    return pages.scheduler;
  }

  /** Where long answers are written, as fast as they are read. */
  Scheduler streams() {
    return streams.scheduler;
  }

  @Override
  public void close() {
    scrapes.scheduler.dispose();
    pages.scheduler.dispose();
    streams.scheduler.dispose();
  }
}
