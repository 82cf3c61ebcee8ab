package org.tlsuplift.proxy.context;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Limits the time for a device's next step before TLS. Runs on the session's event loop. */
public final class NegotiationTimer {
  private final EventLoop loop;
  private final Duration timeout;
  private final Runnable expired;
  private @Nullable Future<?> running;

  public NegotiationTimer(EventLoop loop, Duration timeout, Runnable expired) {
    this.loop = loop;
    this.timeout = timeout;
    this.expired = expired;
  }

  /** Starts the timer, or restarts it if it is running. */
  public void start() {
    stop();
    running = loop.schedule(expired, timeout.toMillis(), TimeUnit.MILLISECONDS);
  }

  public void stop() {
    if (running != null) {
      running.cancel(false);
      running = null;
    }
  }
}
