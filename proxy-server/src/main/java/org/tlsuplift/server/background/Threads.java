package org.tlsuplift.server.background;

import io.netty.util.concurrent.DefaultThreadFactory;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Pools of threads for tasks that may block. A thread that has had no task for a while ends. */
public final class Threads {
  private static final Duration KEPT = Duration.ofSeconds(10);

  private Threads() {}

  /**
   * @param most threads; with one, tasks run one after the other
   */
  public static ExecutorService upTo(int most, String name) {
    return upTo(most, Integer.MAX_VALUE, name);
  }

  /**
   * @param waiting tasks beyond that are rejected
   */
  public static ExecutorService upTo(int most, int waiting, String name) {
    ThreadPoolExecutor threads =
        new ThreadPoolExecutor(
            most,
            most,
            KEPT.toMillis(),
            TimeUnit.MILLISECONDS,
            new LinkedBlockingQueue<>(waiting),
            new DefaultThreadFactory(name, true));
    threads.allowCoreThreadTimeOut(true);
    return threads;
  }
}
