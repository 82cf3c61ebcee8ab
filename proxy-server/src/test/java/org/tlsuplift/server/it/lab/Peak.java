package org.tlsuplift.server.it.lab;

import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** The highest value that a gauge of a daemon has while it is watched, 25 times in a second. */
public final class Peak implements AutoCloseable {
  private final ScheduledExecutorService watch = Executors.newSingleThreadScheduledExecutor();
  private final AtomicLong highest = new AtomicLong();

  public Peak(Daemon daemon, String gauge) {
    var unused =
        watch.scheduleWithFixedDelay(
            () -> highest.accumulateAndGet(daemon.metrics().sum(gauge), Math::max),
            0,
            40,
            TimeUnit.MILLISECONDS);
  }

  public long highest() {
    return highest.get();
  }

  @Override
  public void close() throws InterruptedException {
    watch.shutdown();
    watch.awaitTermination(10, TimeUnit.SECONDS);
  }
}
